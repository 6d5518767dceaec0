import { type FSWatcher, watch } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds after which one looks, whatever was told: the kernel's watches are few, and some file systems tell nothing. */
const PATIENCE = 250

/** Tells that something in a directory has changed. */
export class ChangeWatch {
  #hasChanged = Promise.withResolvers<void>()
  readonly #watcher: FSWatcher | undefined

  constructor(directory: string) {
    this.#watcher = watched(directory, () => this.#hasChanged.resolve())
  }

  /** Resolves at a change since the last call, or a while later. @throws the signal's reason */
  async change(signal: AbortSignal | undefined): Promise<void> {
    const over = new AbortController()
    const late = delay(PATIENCE, undefined, { signal: signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]) })
    await Promise.race([this.#hasChanged.promise, late.catch(() => {})])
    over.abort()
    signal?.throwIfAborted()
    this.#hasChanged = Promise.withResolvers()
  }

  close(): void {
    this.#watcher?.close()
  }
}

/** undefined where the kernel gives no watch. */
function watched(directory: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, changed)
    return watcher.on('error', () => watcher.close())
  } catch {
    return undefined
  }
}
