import { writeSync } from 'node:fs'

const BUFFER = 1 << 20

/** Writes a file forward in large pieces; what nobody writes in between is zeros. */
export class SequentialFile {
  readonly #fd: number
  readonly #buffer = Buffer.alloc(BUFFER)
  // Where the buffer's beginning belongs, and how much of it is used.
  #start: number
  #used = 0

  constructor(fd: number, position: number) {
    this.#fd = fd
    this.#start = position
  }

  /** Lets `write` fill zeros that belong at `position`, which is not before what was written last; at most a mebibyte. */
  put(position: number, length: number, write: (target: Buffer, at: number) => void): void {
    if (position + length - this.#start > BUFFER) {
      this.flush()
      this.#start = position
    }
    const at = position - this.#start
    write(this.#buffer, at)
    this.#used = at + length
  }

  flush(): void {
    writeAll(this.#fd, this.#buffer.subarray(0, this.#used), this.#start)
    this.#buffer.fill(0, 0, this.#used)
    this.#start += this.#used
    this.#used = 0
  }
}

/** write(2) may write less than it is given. */
export function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at)
}
