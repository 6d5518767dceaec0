import { Writable } from 'node:stream'
import { type Compression, whiteoutOf } from '@gocker/oci'
import { entryPath, lastName, parentPath } from '../layers/entry-path.ts'
import { inflateInto } from '../layers/inflate.ts'
import { readable, type TarEntry } from '../tar-reader/tar-entry.ts'
import { TarReader } from '../tar-reader/tar-reader.ts'

/** What a layer's archive says, in its order. */
export interface LayerContent {
  readonly entries: readonly LayerEntry[]
  /** Paths of which nothing of the layers below is seen. */
  readonly hidden: readonly string[]
  /** Directories in which nothing of the layers below is seen. */
  readonly opaque: readonly string[]
}

export interface LayerEntry {
  /** `/usr/bin/env`. */
  readonly path: string
  readonly isDirectory: boolean
  /** Bytes of a file's content. */
  readonly size: number
}

export interface ContentOptions {
  readonly source: AsyncIterable<Uint8Array>
  readonly compression: Compression
  readonly signal?: AbortSignal | undefined
}

/** Reads a layer's archive and keeps its names. @throws {PullError} `BAD_ARCHIVE` */
export async function layerContent({ source, compression, signal = new AbortController().signal }: ContentOptions): Promise<LayerContent> {
  const entries: LayerEntry[] = []
  const hidden: string[] = []
  const opaque: string[] = []
  const take = ({ kind, name, size }: TarEntry) => {
    const path = readable(entryPath(name))
    const whiteout = whiteoutOf(lastName(path))
    if (whiteout?.kind === 'opaque') opaque.push(parentPath(path))
    else if (whiteout?.kind === 'name') hidden.push(`${parentPath(path)}/${whiteout.name}`)
    else if (whiteout === undefined && path !== '')
      entries.push({ path, isDirectory: kind === 'directory', size: kind === 'file' ? size : 0 })
  }
  const reader = new TarReader({ entry: take, data: () => {}, end: () => {} })
  await inflateInto(writableInto(reader), { source, compression, signal })
  reader.close()
  return { entries, hidden, opaque }
}

function writableInto(reader: TarReader): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        reader.write(chunk)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
}
