import { createHash } from 'node:crypto'
import { PullError } from '../../packages/pull/src/error.ts'
import type { TarSink } from '../../packages/pull/src/tar-reader/tar-entry.ts'
import { TarReader } from '../../packages/pull/src/tar-reader/tar-reader.ts'
import { mutateTar } from '../engine/mutate-tar.ts'
import type { FuzzTarget } from '../engine/target.ts'
import { archives } from './archives.ts'

/** Of the pieces in which an archive comes, whose bounds must not matter. */
const PIECES = [1 << 20, 700, 512, 97]

/** The reader of tar archives: what it tells fits together, and does not depend on the pieces in which the archive comes. */
export const tar: FuzzTarget = {
  seeds: archives(),
  words: ['path=', 'linkpath=', 'size=', 'GNU.sparse.map=', 'GNU.sparse.major=1\n', '30 mtime=1.5\n', 'SCHILY.xattr.user.a=b\n', 'ustar\0'],
  mutate: mutateTar,
  read(bytes) {
    const [whole, other] = [PIECES[0] as number, PIECES[1 + (bytes.length % 3)] as number].map((size) => toldOf(bytes, size))
    if (whole !== other) throw new Error(`told in one piece: ${whole}\nin many: ${other}`)
    if (whole?.startsWith('!')) throw new PullError('BAD_ARCHIVE', whole)
  },
  isRefusal: (error) => error instanceof PullError && error.code === 'BAD_ARCHIVE',
}

/** All that a reader says of an archive, and `!` with the reason where it is refused. */
function toldOf(bytes: Buffer, pieceSize: number): string {
  const told = createHash('sha1')
  const reader = new TarReader(checkingSink((text) => told.update(text)))
  try {
    for (let at = 0; at < bytes.length; at += pieceSize) reader.write(bytes.subarray(at, at + pieceSize))
    reader.close()
  } catch (error) {
    if (error instanceof PullError && error.code === 'BAD_ARCHIVE') return `! ${error.message} ${told.digest('hex')}`
    throw error
  }
  return told.digest('hex')
}

/** Content is told byte by byte, since pieces end anywhere. */
function checkingSink(tell: (text: string | Uint8Array) => void): TarSink {
  let open: { size: number; end: number } | undefined
  return {
    entry({ xattrs, ...entry }) {
      if (open !== undefined) throw new Error(`${entry.name} begins within a file`)
      if (/\0/.test(entry.name + entry.link)) throw new Error('a name has a NUL')
      for (const number of [entry.size, entry.uid, entry.gid, entry.mode, entry.major, entry.minor, entry.mtime.seconds])
        if (!Number.isSafeInteger(number)) throw new Error(`${number} is no number for a file`)
      if (entry.kind === 'file') open = { size: entry.size, end: 0 }
      tell(JSON.stringify([entry, [...xattrs]]))
    },
    data(memory, start, end, offset) {
      if (open === undefined) throw new Error('there is content of no file')
      if (start < 0 || end <= start || end > memory.length) throw new Error(`bytes ${start} to ${end} of ${memory.length}`)
      if (offset < open.end || offset + end - start > open.size) throw new Error(`content up to ${offset + end - start} of ${open.size}`)
      if (offset !== open.end) tell(`@${offset} `)
      open.end = offset + end - start
      tell(memory.subarray(start, end))
    },
    end() {
      if (open === undefined) throw new Error('no file ends')
      open = undefined
      tell('end')
    },
  }
}
