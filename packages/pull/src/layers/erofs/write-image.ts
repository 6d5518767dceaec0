import { chmodSync, chownSync, closeSync, openSync, utimesSync } from 'node:fs'
import type { RingReader } from '../ring-reader.ts'
import type { LayerTaskResult } from '../thread-task.ts'
import { writingEntry } from '../writing-entry.ts'
import type { Attributes } from './image-node.ts'
import { ImageWriter } from './image-writer.ts'

export interface ImagePlace {
  /** A file that is not there yet. */
  readonly image: string
  /** The directory where the image will be mounted: it is made to look as the image's root. */
  readonly directory: string
}

/**
 * Makes an image of the archive that comes by a ring.
 * @throws {PullError}
 */
export function writeImage({ image, directory }: ImagePlace, archive: RingReader): LayerTaskResult {
  const fd = open(image)
  try {
    const writer = new ImageWriter(fd)
    const read = archive.into(writer, (bytes) => writer.take(bytes))
    const { entries, root } = writer.finish()
    writingEntry('./', () => takeAttributes(directory, root))
    return { ...read, entries }
  } finally {
    closeSync(fd)
  }
}

function open(image: string): number {
  let fd = -1
  writingEntry('./', () => {
    fd = openSync(image, 'wx+', 0o600)
  })
  return fd
}

function takeAttributes(directory: string, { mode, uid, gid, mtime }: Attributes): void {
  chownSync(directory, uid, gid)
  chmodSync(directory, mode)
  const seconds = Number(mtime.seconds) + mtime.nanoseconds / 1e9
  utimesSync(directory, seconds, seconds)
}
