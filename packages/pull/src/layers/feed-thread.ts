import type { Compression } from '@gocker/oci'
import { inflateInto } from './inflate.ts'
import type { LayerThread } from './layer-thread.ts'
import type { Ring } from './ring.ts'
import { RingFeed } from './ring-feed.ts'
import { ringStream } from './ring-stream.ts'

export interface FeedThreadOptions {
  readonly source: AsyncIterable<Uint8Array>
  /** What is undone here, before the thread gets the bytes. */
  readonly compression: Compression
  readonly signal?: AbortSignal | undefined
  /** Told now and then how many of the bytes that the thread gets it has taken. */
  readonly onProgress?: ((bytes: number) => void) | undefined
}

/**
 * Gives a thread the bytes that it works on, at the pace at which it takes them.
 * @throws the thread's failure, when it has one; the signal's reason
 */
export async function feedThread(
  thread: LayerThread<unknown>,
  { source, compression, signal, onProgress }: FeedThreadOptions,
): Promise<void> {
  const failed = new AbortController()
  thread.result.catch((error) => failed.abort(error))
  const stop = signal === undefined ? failed.signal : AbortSignal.any([failed.signal, signal])
  const work =
    compression === 'none'
      ? passOn(source, { ring: thread.ring, signal: stop, onProgress })
      : inflateInto(ringStream(thread.ring, onProgress), { source, compression, signal: stop })
  try {
    await Promise.race([work, abortOf(stop)])
  } catch (error) {
    throw stop.aborted ? stop.reason : error
  }
}

async function passOn(
  source: AsyncIterable<Uint8Array>,
  { ring, signal, onProgress }: { ring: Ring; signal: AbortSignal; onProgress: FeedThreadOptions['onProgress'] },
): Promise<void> {
  const feed = new RingFeed(ring)
  let taken = 0
  for await (const chunk of source) {
    signal.throwIfAborted()
    const behind = feed.put(chunk)
    if (behind !== undefined) await behind
    taken += chunk.length
    onProgress?.(taken)
  }
  await feed.end()
}

// Who waits for a source that gives nothing does so even to leave it.
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
