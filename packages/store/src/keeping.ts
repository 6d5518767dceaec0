import { tryLock, withLock } from './lock.ts'
import type { StorePaths } from './paths.ts'

/** Milliseconds that a removal waits for work that keeps content: long enough for a tag or a create, not for a pull. */
const PATIENCE = 1000

/** Runs `work` while nobody takes blobs and layers away. */
export async function keepingContent<T>(
  paths: StorePaths,
  work: () => Promise<T>,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<T> {
  return await withLock(paths.lock('garbage'), 'shared', work, options)
}

/**
 * Runs `work`, which takes blobs and layers away, while nobody is inside keepingContent.
 * @returns `undefined` when somebody is
 */
export async function takingContent<T>(paths: StorePaths, work: () => Promise<T>): Promise<{ readonly result: T } | undefined> {
  return await tryLock(paths.lock('garbage'), PATIENCE, work)
}
