/**
 * Runs `work` on every item, at most `limit` at once and in their order. After the first failure no more begin and the signal
 * given to the others is aborted; the failure is thrown when all have come to their end, so that nothing of them still runs.
 */
export async function eachBounded<T>(
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<void>,
  { limit, signal }: { readonly limit: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const failed = new AbortController()
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const queue = items.values()
  const failures: unknown[] = []
  const run = async () => {
    for (const item of queue) {
      if (either.aborted) return
      await work(item, either)
    }
  }
  const workers = Array.from({ length: Math.min(limit, items.length) }, () =>
    run().catch((error: unknown) => {
      failures.push(error)
      failed.abort(error)
    }),
  )
  await Promise.all(workers)
  signal?.throwIfAborted()
  if (failures.length > 0) throw failures[0]
}
