import type { StepCache, StepResult } from '../cache/step-cache.ts'
import { BuildError } from '../error.ts'
import type { BuildOptions } from '../options.ts'
import type { RemoteSteps } from './cache-document.ts'
import { type CacheLocation, nameOf } from './cache-location.ts'
import { writeLocalCache } from './local-cache.ts'
import { bringLayer, type OpenCache, openCache } from './open-cache.ts'

/** Gives `work` the store's own cache with the caches of other machines behind it, and writes those that are to be written. */
export async function withRemotes<T>(own: StepCache, options: BuildOptions, work: (cache: StepCache) => Promise<T>): Promise<T> {
  const { cacheFrom = [], cacheTo = [] } = options
  const remotes = new Remotes(options, cacheFrom)
  const used = new Map<string, StepResult>()
  try {
    const result = await work(
      noting(used, { find: async (key) => (await own.find(key)) ?? (await remotes.find(key, own)), remember: own.remember }),
    )
    for (const location of cacheTo) await writeCache(location, used, options)
    return result
  } finally {
    await remotes.close()
  }
}

/** Remembers what is found and what is made. */
function noting(used: Map<string, StepResult>, cache: StepCache): StepCache {
  return {
    async find(key) {
      const result = await cache.find(key)
      if (result !== undefined) used.set(key, result)
      return result
    },
    async remember(key, result) {
      used.set(key, result)
      await cache.remember(key, result)
    },
  }
}

/** The caches to read from, opened when a step is looked for that the store does not know. */
class Remotes {
  readonly #options: BuildOptions
  readonly #locations: readonly CacheLocation[]
  readonly #opened = new Map<CacheLocation, Promise<OpenCache | undefined>>()

  constructor(options: BuildOptions, locations: readonly CacheLocation[]) {
    this.#options = options
    this.#locations = locations
  }

  /** What it finds is in the store, and known there, from then on. */
  async find(key: string, own: StepCache): Promise<StepResult | undefined> {
    for (const location of this.#locations) {
      const cache = await this.#open(location)
      const step = cache?.steps.get(key)
      if (cache === undefined || step === undefined || !(await this.#bring(location, cache, step))) continue
      await own.remember(key, step)
      return step
    }
    return undefined
  }

  async close(): Promise<void> {
    for (const opened of this.#opened.values()) await (await opened)?.close()
  }

  #open(location: CacheLocation): Promise<OpenCache | undefined> {
    const opened = this.#opened.get(location) ?? openCache(location, this.#options).catch((error: unknown) => this.#tell(location, error))
    this.#opened.set(location, opened)
    return opened
  }

  async #bring(location: CacheLocation, cache: OpenCache, step: StepResult): Promise<boolean> {
    const { store, signal = new AbortController().signal } = this.#options
    try {
      await bringLayer(cache, step, { store, signal })
      return true
    } catch (error) {
      this.#tell(location, error)
      return false
    }
  }

  #tell(location: CacheLocation, error: unknown): undefined {
    this.#options.signal?.throwIfAborted()
    this.#options.onEvent?.({ type: 'cache-unread', cache: nameOf(location), text: (error as Error).message })
  }
}

async function writeCache(location: CacheLocation, steps: RemoteSteps, options: BuildOptions): Promise<void> {
  try {
    if (location.type === 'local') return await writeLocalCache(options.store, location.directory, steps)
    const { writeRegistryCache } = await import('./registry-cache.ts')
    await writeRegistryCache(location.reference, steps, options)
  } catch (cause) {
    options.signal?.throwIfAborted()
    const { message, hint } = cause as Error & { hint?: string }
    throw new BuildError('CACHE_NOT_WRITTEN', `writing the cache ${nameOf(location)}: ${message}`, { cause, hint })
  }
}
