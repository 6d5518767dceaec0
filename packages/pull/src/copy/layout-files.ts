import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Descriptor } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { blobName } from '../archive/archive-writer.ts'
import type { ArchiveContent } from '../archive/read-archive.ts'
import { PullError } from '../error.ts'

/** The files of an OCI image layout, wherever they are. */
export interface LayoutFiles {
  /** A document. @throws {PullError} `NOT_FOUND` */
  read(name: string): Promise<Buffer>
  stream(blob: Descriptor, offset: number): AsyncIterable<Uint8Array>
}

/** No document of a layout comes near it. */
const LARGEST_DOCUMENT = 16 * 1024 * 1024

export function directoryFiles(path: string): LayoutFiles {
  return {
    async read(name) {
      const file = join(path, name)
      const { size } = await stat(file).catch(missing(file))
      if (size > LARGEST_DOCUMENT) throw new PullError('BAD_ARCHIVE', `reading ${file}: ${size} bytes are too many for a document`)
      return await readFile(file).catch(missing(file))
    },
    async *stream(blob, offset) {
      const file = join(path, blobName(blob.digest))
      try {
        for await (const chunk of createReadStream(file, { start: offset })) yield chunk
      } catch (error) {
        missing(file)(error as NodeJS.ErrnoException)
      }
    },
  }
}

/** The files of an archive that has been taken in. */
export function archiveFiles(content: ArchiveContent, store: Store): LayoutFiles {
  return {
    read: (name) => content.read(name),
    stream: ({ digest }, offset) => createReadStream(store.blobs.path(content.get(blobName(digest)).digest), { start: offset }),
  }
}

function missing(file: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    const isMissing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR'
    throw new PullError(isMissing ? 'NOT_FOUND' : 'READ_FAILED', `reading ${file}: ${isMissing ? 'it is not there' : cause.code}`, {
      cause,
    })
  }
}
