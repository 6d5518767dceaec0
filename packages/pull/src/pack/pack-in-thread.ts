import { startLayerThread } from '../layers/layer-thread.ts'
import type { LayerTaskResult, TreeToPack } from '../layers/thread-task.ts'

/** Takes the archive, a chunk after the other. The chunk's memory is used again once the promise settles. */
export type ArchiveSink = (chunk: Uint8Array) => void | Promise<void>

export interface PackInThreadOptions {
  readonly clampTo?: number
  readonly signal?: AbortSignal
}

/** A layer may be gigabytes of files, which are read with synchronous calls: so in a thread, with a ring between it and the sink. */
export async function packInThread(
  tree: TreeToPack,
  { clampTo, signal }: PackInThreadOptions,
  sink: ArchiveSink,
): Promise<LayerTaskResult> {
  signal?.throwIfAborted()
  const { ring, result, stop } = startLayerThread({ kind: 'pack', tree, clampTo })
  signal?.addEventListener('abort', stop)
  try {
    for (let slot = await ring.whenFilled(); slot !== null; slot = await ring.whenFilled()) {
      await sink(slot)
      ring.empty()
    }
    return await result
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  } finally {
    signal?.removeEventListener('abort', stop)
    await stop()
  }
}
