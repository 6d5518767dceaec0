import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LayerDraft, Store } from '@gocker/store'

/** Room in the store for what a step needs on the way; made when it is asked for. Of a killed build, prune removes it. */
export class Scratch {
  readonly #store: Store
  #draft: LayerDraft | undefined
  #count = 0

  constructor(store: Store) {
    this.#store = store
  }

  /** A new, empty one at each call. */
  async directory(): Promise<string> {
    this.#draft ??= await this.#store.layers.draft()
    const directory = join(this.#draft.dir, `${this.#count++}`)
    mkdirSync(directory)
    return directory
  }

  async remove(): Promise<void> {
    await this.#draft?.abort()
  }
}
