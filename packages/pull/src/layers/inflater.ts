import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import type { Compression } from '@gocker/oci'
import type { PullError } from '../error.ts'
import { badArchive } from '../tar-reader/bad-archive.ts'

/** What is under node:zlib's streams, and what npm unpacks by, too: it works at once and in memory that it is given. */
interface Engine {
  readonly _handle: {
    onerror: (message: string) => void
    writeSync(
      flush: number,
      input: Uint8Array,
      at: number,
      length: number,
      output: Uint8Array,
      outputAt: number,
      outputLength: number,
    ): void
  }
  /** Bytes that are left: of the output, and of the input. */
  readonly _writeState: Uint32Array
  close(): void
}

interface Kind {
  readonly open: () => unknown
  readonly goOn: number
  readonly finish: number
}

const KINDS: Readonly<Record<Exclude<Compression, 'none'>, Kind>> = {
  gzip: { open: createGunzip, goOn: constants.Z_NO_FLUSH, finish: constants.Z_FINISH },
  zstd: { open: createZstdDecompress, goOn: constants.ZSTD_e_continue, finish: constants.ZSTD_e_end },
}

/** The most bytes at once: a piece is hashed, read and written while it is in the processor's cache. */
export const PIECE = 1 << 18
const NOTHING = Buffer.alloc(0)

/** Whether this Node has what an {@link Inflater} works by. */
export function inflatesAtOnce(): boolean {
  const engine = createGunzip() as unknown as Partial<Engine>
  try {
    return typeof engine._handle?.writeSync === 'function' && engine._writeState?.length === 2
  } finally {
    engine.close?.()
  }
}

/**
 * Inflates in the calling thread, piece by piece, into memory that is used again. Several gzip members or zstd frames, one behind the other,
 * are one content.
 */
export class Inflater {
  readonly #engine: Engine
  readonly #kind: Kind
  readonly #take: (piece: Buffer) => void
  readonly #memory = Buffer.allocUnsafeSlow(PIECE)
  #used = 0
  /** Bytes behind the content's end. */
  #left = 0
  #failure: PullError | undefined

  /** @param take is given each piece; it is overwritten afterwards */
  constructor(compression: keyof typeof KINDS, take: (piece: Buffer) => void) {
    this.#kind = KINDS[compression]
    this.#engine = this.#kind.open() as Engine
    this.#engine._handle.onerror = (message) => {
      this.#failure = badArchive('a compressed layer', message)
    }
    this.#take = take
  }

  /** @throws {PullError} `BAD_ARCHIVE`, and whatever `take` throws */
  write(bytes: Uint8Array): void {
    this.#left += this.#left > 0 ? bytes.length : this.#inflate(bytes, this.#kind.goOn)
  }

  /** @throws {PullError} `BAD_ARCHIVE` when the content is cut short, or something else follows it; and whatever `take` throws */
  end(): void {
    if (this.#left > 0) throw badArchive('a compressed layer', `${this.#left} bytes follow its end`)
    this.#inflate(NOTHING, this.#kind.finish)
    this.#pass()
    this.#engine.close()
  }

  /** @returns how many bytes at the end of `bytes` are none of the content's */
  #inflate(bytes: Uint8Array, flush: number): number {
    const { _handle: handle, _writeState: left } = this.#engine
    for (let at = 0; ; ) {
      handle.writeSync(flush, bytes, at, bytes.length - at, this.#memory, this.#used, PIECE - this.#used)
      if (this.#failure !== undefined) throw this.#failure
      const [room = 0, rest = 0] = left
      const taken = bytes.length - at - rest
      this.#used = PIECE - room
      at += taken
      // A full piece says nothing of what is still to come.
      if (room === 0) this.#pass()
      else if (rest === 0 || taken === 0) return rest
    }
  }

  #pass(): void {
    if (this.#used > 0) this.#take(this.#memory.subarray(0, this.#used))
    this.#used = 0
  }
}
