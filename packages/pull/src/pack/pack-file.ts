import { type BigIntStats, closeSync, constants, fstatSync, openSync } from 'node:fs'
import { PullError } from '../error.ts'
import { layerFile } from '../layers/layer-files.ts'
import { type ByteText, readable } from '../tar-reader/tar-entry.ts'
import { reading } from './reading.ts'
import type { TarOutput } from './tar-output.ts'

// NONBLOCK: should a fifo have come to the file's place, opening it must not wait for a writer.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Writes a file's content, as long as its header said.
 * @param expected what the header was made of
 * @throws {PullError} `FILE_CHANGED` when it is not that file any more, before or after the reading
 */
export function packFile(path: ByteText, expected: BigIntStats, output: TarOutput): void {
  if (expected.size === 0n) return
  const what = JSON.stringify(readable(path))
  const fd = reading(what, () => openSync(layerFile(path), FLAGS))
  try {
    checkSame(what, expected, fstatSync(fd, { bigint: true }))
    const length = Number(expected.size)
    const written = reading(what, () => output.writeFile(fd, length))
    if (written < length) throw fileChanged(what, `it ended after ${written} of ${length} bytes`)
    checkSame(what, expected, fstatSync(fd, { bigint: true }))
  } finally {
    closeSync(fd)
  }
  output.pad()
}

function checkSame(what: string, expected: BigIntStats, actual: BigIntStats): void {
  const isSame =
    actual.dev === expected.dev && actual.ino === expected.ino && actual.size === expected.size && actual.mtimeNs === expected.mtimeNs
  if (!isSame) throw fileChanged(what, 'it was written to meanwhile')
}

function fileChanged(what: string, why: string): PullError {
  return new PullError('FILE_CHANGED', `reading ${what}: ${why}`, { hint: 'stop what writes to it, then try again' })
}
