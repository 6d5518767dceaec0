import { type StepCache, stepCache } from '../cache/step-cache.ts'
import type { BuildOptions } from '../options.ts'

/**
 * Builds with the store's own cache and with those of `cacheFrom`, and writes the results of all steps that the build has used to
 * `cacheTo` when it has succeeded. A cache to read from that is not there, or cannot be read, is a loss of time: told, and no error.
 * @throws what `work` throws; {BuildError} `CACHE_NOT_WRITTEN`
 * @see https://docs.docker.com/build/cache/backends/
 */
export async function withRemoteCaches<T>(options: BuildOptions, work: (cache: StepCache) => Promise<T>): Promise<T> {
  const own = stepCache(options.store)
  if (!usesRemoteCaches(options)) return await work(own)
  const { withRemotes } = await import('./remotes.ts')
  return await withRemotes(own, options, work)
}

/** Whether a build looks at, or writes, more than the store's own cache. */
export function usesRemoteCaches({ cacheFrom = [], cacheTo = [] }: BuildOptions): boolean {
  return cacheFrom.length > 0 || cacheTo.length > 0
}
