import type { Compression } from '@gocker/oci'
import { inflateInto } from './inflate.ts'
import type { LayerThread } from './layer-thread.ts'
import { ringStream } from './ring-stream.ts'

export interface FeedThreadOptions {
  readonly source: AsyncIterable<Uint8Array>
  readonly compression: Compression
  readonly signal?: AbortSignal | undefined
  /** Told now and then how many bytes of the tar have been taken. */
  readonly onProgress?: ((tarBytes: number) => void) | undefined
}

/**
 * Gives a thread the archive that it works on, at the pace at which it takes it.
 * @throws the thread's failure, when it has one; the signal's reason
 */
export async function feedThread(thread: LayerThread, { source, compression, signal, onProgress }: FeedThreadOptions): Promise<void> {
  const failed = new AbortController()
  thread.result.catch((error) => failed.abort(error))
  const stop = signal === undefined ? failed.signal : AbortSignal.any([failed.signal, signal])
  const destination = ringStream(thread.ring, { onTaken: onProgress, ownsChunks: compression !== 'none' })
  try {
    await Promise.race([inflateInto(destination, { source, compression, signal: stop }), abortOf(stop)])
  } catch (error) {
    throw stop.aborted ? stop.reason : error
  }
}

// A pipeline waits for a source that gives nothing, even to be left.
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
