/** Calls `work` with every item, a few at a time, and gives the results in the items' order. Stops at the first failure. */
export async function mapConcurrently<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  const rest = items.entries()
  const worker = async () => {
    for (const [position, item] of rest) results[position] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(WORKERS, items.length) }, worker))
  return results
}

/** More than libuv's threads, so that they never wait for us; far below any limit of open files. */
const WORKERS = 16
