import type { Ring } from './ring.ts'

/** Copies bytes into a ring's slots, each filled to its end; waits where the other thread is behind. */
export class RingFeed {
  readonly #ring: Ring
  #used = 0

  constructor(ring: Ring) {
    this.#ring = ring
  }

  /** @returns a promise to wait for before the next bytes come, when the ring is full */
  put(bytes: Uint8Array): Promise<void> | undefined {
    for (let at = 0; at < bytes.length; ) {
      const slot = this.#ring.emptySlot()
      if (slot === undefined) return this.#putLater(bytes.subarray(at))
      const length = Math.min(slot.length - this.#used, bytes.length - at)
      slot.set(bytes.subarray(at, at + length), this.#used)
      at += length
      this.#used += length
      if (this.#used === slot.length) this.#flush()
    }
    return undefined
  }

  async end(): Promise<void> {
    if (this.#used > 0) this.#flush()
    await this.#ring.whenEmpty()
    this.#ring.end()
  }

  async #putLater(bytes: Uint8Array): Promise<void> {
    await this.#ring.whenEmpty()
    await this.put(bytes)
  }

  #flush(): void {
    this.#ring.fill(this.#used)
    this.#used = 0
  }
}
