import type { Blobs } from './blobs.ts'
import type { StorePaths } from './paths.ts'

export interface PrunedItem {
  readonly kind: PrunedKind
  readonly name: string
  /** Bytes freed. */
  readonly size: number
}

export type PrunedKind =
  | 'temporary'
  | 'container'
  | 'name'
  | 'run-directory'
  | 'cgroup'
  | 'image'
  | 'build-cache'
  | 'blob'
  | 'layer'
  | 'lock'

export interface PruneFailure {
  readonly kind: PrunedKind
  readonly name: string
  readonly error: unknown
}

/** A prune under way. */
export interface Pruning {
  readonly paths: StorePaths
  readonly blobs: Blobs
  readonly removed: PrunedItem[]
  readonly failed: PruneFailure[]
  readonly signal: AbortSignal | undefined
  /**
   * Removes one thing and remembers it. A failure is remembered too: what cannot be removed must not keep the rest.
   * @param work gives the bytes freed, or `undefined` when the thing stays
   */
  remove(kind: PrunedKind, name: string, work: () => Promise<number | undefined>): Promise<void>
}

export function beginPruning(place: { paths: StorePaths; blobs: Blobs }, signal: AbortSignal | undefined): Pruning {
  const removed: PrunedItem[] = []
  const failed: PruneFailure[] = []
  return {
    ...place,
    removed,
    failed,
    signal,
    async remove(kind, name, work) {
      signal?.throwIfAborted()
      try {
        const size = await work()
        if (size !== undefined) removed.push({ kind, name, size })
      } catch (error) {
        failed.push({ kind, name, error })
      }
    },
  }
}
