import type { Digest } from '@gocker/oci'
import type { Store } from '@gocker/store'

interface TakingInOptions {
  readonly store: Store
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs `work` while nobody takes content away, and afterwards takes away those of the blobs that it has brought that no image needs: an
 * archive's documents, and all of it where it failed.
 */
export async function takingIn<T>({ store, signal }: TakingInOptions, work: (brought: Digest[]) => Promise<T>): Promise<T> {
  const brought: Digest[] = []
  try {
    return await store.keeping(() => work(brought), { ...(signal !== undefined && { signal }) })
  } finally {
    // What stays is found by the next prune.
    await store.discard(brought).catch(() => {})
  }
}
