import { badArchive } from './bad-archive.ts'
import { readMapText } from './sparse-map.ts'
import type { SparseExtent, TarSink } from './tar-entry.ts'
import { BLOCK_SIZE } from './tar-header.ts'

/** What becomes of the bytes that follow a header. */
export interface MemberBody {
  take(memory: Buffer, start: number, end: number): void
  finish(): void
}

/** Of all that is gathered in memory before it is understood: PAX records, long names, sparse maps. Bytes. */
export const LARGEST_EXTENSION = 1 << 20

export function fileBody(sink: TarSink): MemberBody {
  let offset = 0
  return {
    take(memory, start, end) {
      sink.data(memory, start, end, offset)
      offset += end - start
    },
    finish: () => sink.end(),
  }
}

/** The content between holes, one extent behind the other. */
export function sparseBody(sink: TarSink, extents: readonly SparseExtent[]): MemberBody {
  let index = 0
  let done = 0
  return {
    take(memory, start, end) {
      for (let at = start; at < end; ) {
        const { offset, length } = extents[index] as SparseExtent
        const taken = Math.min(length - done, end - at)
        if (taken > 0) sink.data(memory, at, at + taken, offset + done)
        at += taken
        done += taken
        if (done < length) continue
        index++
        done = 0
      }
    },
    finish: () => sink.end(),
  }
}

/** GNU.sparse 1.0: a map, filled up to a whole block, then the content. `begin` takes the map and says what takes the rest. */
export function mappedBody(begin: (extents: SparseExtent[], mapLength: number) => MemberBody): MemberBody {
  let text: Buffer = Buffer.alloc(0)
  let rest: MemberBody | undefined
  return {
    take(memory, start, end) {
      if (rest !== undefined) {
        rest.take(memory, start, end)
        return
      }
      const before = text.length
      text = Buffer.concat([text, memory.subarray(start, Math.min(end, start + LARGEST_EXTENSION))])
      const map = readMapText(text)
      if (map === undefined && text.length >= LARGEST_EXTENSION) throw badArchive('a sparse map', 'it is longer than 1 MiB')
      if (map === undefined) return
      const length = Math.ceil(map.length / BLOCK_SIZE) * BLOCK_SIZE
      if (text.length < length) return
      rest = begin(map.extents, length)
      const contentAt = start + length - before
      if (contentAt < end) rest.take(memory, contentAt, end)
    },
    finish() {
      if (rest === undefined) throw badArchive('a sparse map', 'it ends too early')
      rest.finish()
    },
  }
}

export function extensionBody(size: number, done: (bytes: Buffer) => void): MemberBody {
  const bytes = Buffer.alloc(size)
  let length = 0
  return {
    take(memory, start, end) {
      length += memory.copy(bytes, length, start, end)
    },
    finish: () => done(bytes),
  }
}

export const IGNORED_BODY: MemberBody = { take() {}, finish() {} }
