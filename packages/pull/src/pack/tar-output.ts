import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import type { Ring } from '../layers/ring.ts'
import { BLOCK_SIZE } from '../tar-reader/tar-header.ts'

/** Writes an archive into the slots of a ring, and hashes it on the way. Blocks where the reader of the ring is behind. */
export class TarOutput {
  readonly #ring: Ring
  readonly #hash = createHash('sha256')
  #slot: Buffer
  #used = 0
  #size = 0

  constructor(ring: Ring) {
    this.#ring = ring
    this.#slot = ring.waitForEmpty()
  }

  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#slot, this.#used, at)
      at += copied
      this.#advance(copied)
    }
  }

  /**
   * Writes the next `length` bytes of a file, straight from the file to the ring.
   * @returns the bytes there were
   */
  writeFile(fd: number, length: number): number {
    let done = 0
    while (done < length) {
      const read = readSync(fd, this.#slot, this.#used, Math.min(length - done, this.#slot.length - this.#used), null)
      if (read === 0) break
      done += read
      this.#advance(read)
    }
    return done
  }

  /** Fills the last block up with zeros. */
  pad(): void {
    this.write(ZEROS.subarray(0, (BLOCK_SIZE - (this.#size % BLOCK_SIZE)) % BLOCK_SIZE))
  }

  /** Writes the end marker and ends the ring. */
  finish(): { diffID: `sha256:${string}`; size: number } {
    this.write(ZEROS)
    if (this.#used > 0) this.#flush()
    this.#ring.end()
    return { diffID: `sha256:${this.#hash.digest('hex')}`, size: this.#size }
  }

  #advance(bytes: number): void {
    this.#used += bytes
    this.#size += bytes
    if (this.#used === this.#slot.length) this.#flush()
  }

  #flush(): void {
    this.#hash.update(this.#slot.subarray(0, this.#used))
    this.#ring.fill(this.#used)
    this.#slot = this.#ring.waitForEmpty()
    this.#used = 0
  }
}

const ZEROS = Buffer.alloc(2 * BLOCK_SIZE)
