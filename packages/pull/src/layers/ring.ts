/** What two threads share of a ring. */
export interface RingMemory {
  readonly slots: SharedArrayBuffer
  /** Bytes in each slot. */
  readonly lengths: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
  readonly slotSize: number
}

export interface RingSize {
  readonly slots: number
  /** Bytes. */
  readonly slotSize: number
}

const [FILLED, EMPTIED] = [0, 1]
const END = -1

/**
 * A queue of fixed memory between one thread that fills slots and one that empties them. A worker waits with {@link waitForFilled} and
 * {@link waitForEmpty}, which block; the main thread with the promises of {@link whenFilled} and {@link whenEmpty}.
 * A thread that waits for the other in vain is ended by `worker.terminate()`, which breaks the wait.
 */
export class Ring {
  readonly memory: RingMemory
  readonly #slots: readonly Buffer[]
  readonly #lengths: Int32Array
  readonly #counters: Int32Array
  #filled = 0
  #emptied = 0
  #closed: { readonly reason: unknown } | undefined

  static allocate({ slots, slotSize }: RingSize): RingMemory {
    return {
      slots: new SharedArrayBuffer(slots * slotSize),
      lengths: new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT),
      counters: new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT),
      slotSize,
    }
  }

  /** Nobody may be at either end. */
  static startAnew({ counters }: RingMemory): void {
    new Int32Array(counters).fill(0)
  }

  constructor(memory: RingMemory) {
    const { slots, slotSize } = memory
    this.memory = memory
    this.#lengths = new Int32Array(memory.lengths)
    this.#counters = new Int32Array(memory.counters)
    this.#slots = Array.from(this.#lengths, (_, index) => Buffer.from(slots, index * slotSize, slotSize))
  }

  /** The slot to fill next; undefined as long as all are full. */
  emptySlot(): Buffer | undefined {
    const isFull = this.#filled - Atomics.load(this.#counters, EMPTIED) === this.#slots.length
    return isFull ? undefined : this.#slots[this.#filled % this.#slots.length]
  }

  /** Passes on the first `length` bytes of the empty slot. */
  fill(length: number): void {
    this.#lengths[this.#filled % this.#slots.length] = length
    Atomics.store(this.#counters, FILLED, ++this.#filled)
    Atomics.notify(this.#counters, FILLED)
  }

  /** Says that nothing more comes. Takes an empty slot. */
  end(): void {
    this.fill(END)
  }

  /** The content that came first; undefined as long as nothing came, `null` at the end. */
  filledSlot(): Buffer | undefined | null {
    if (Atomics.load(this.#counters, FILLED) === this.#emptied) return undefined
    const index = this.#emptied % this.#slots.length
    const length = this.#lengths[index] as number
    return length === END ? null : (this.#slots[index] as Buffer).subarray(0, length)
  }

  /** Gives the slot of {@link filledSlot} back. */
  empty(): void {
    Atomics.store(this.#counters, EMPTIED, ++this.#emptied)
    Atomics.notify(this.#counters, EMPTIED)
  }

  waitForEmpty(): Buffer {
    for (;;) {
      const emptied = Atomics.load(this.#counters, EMPTIED)
      const slot = this.emptySlot()
      if (slot !== undefined) return slot
      Atomics.wait(this.#counters, EMPTIED, emptied)
    }
  }

  waitForFilled(): Buffer | null {
    for (;;) {
      const slot = this.filledSlot()
      if (slot !== undefined) return slot
      Atomics.wait(this.#counters, FILLED, this.#emptied)
    }
  }

  async whenEmpty(): Promise<Buffer> {
    for (;;) {
      const emptied = Atomics.load(this.#counters, EMPTIED)
      const slot = this.emptySlot()
      if (slot !== undefined) return slot
      await this.#change(EMPTIED, emptied)
    }
  }

  async whenFilled(): Promise<Buffer | null> {
    for (;;) {
      const slot = this.filledSlot()
      if (slot !== undefined) return slot
      await this.#change(FILLED, this.#emptied)
    }
  }

  /** The other thread is gone: the promises of this one reject with `reason`. */
  close(reason: unknown): void {
    this.#closed = { reason }
    Atomics.notify(this.#counters, EMPTIED)
    Atomics.notify(this.#counters, FILLED)
  }

  async #change(counter: number, from: number): Promise<void> {
    await Atomics.waitAsync(this.#counters, counter, from).value
    if (this.#closed !== undefined) throw this.#closed.reason
  }
}
