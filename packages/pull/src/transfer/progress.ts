import type { Digest } from '@gocker/oci'
import type { PullListener } from '../events.ts'

/** Milliseconds between two events of one layer. */
const INTERVAL = 100

/** Counts the bytes of one layer and tells of them a few times a second, however many chunks there are. */
export class Progress {
  readonly #digest: Digest
  readonly #size: number
  readonly #onEvent: PullListener | undefined
  #transferred: number
  #told = performance.now()

  constructor({ digest, size }: { digest: Digest; size: number }, options: { startAt: number; onEvent?: PullListener | undefined }) {
    this.#digest = digest
    this.#size = size
    this.#transferred = options.startAt
    this.#onEvent = options.onEvent
  }

  add(bytes: number): void {
    this.#transferred += bytes
    const now = performance.now()
    if (now - this.#told < INTERVAL && this.#transferred < this.#size) return
    this.#told = now
    this.#onEvent?.({ type: 'layer-progress', digest: this.#digest, transferred: this.#transferred, size: this.#size })
  }
}
