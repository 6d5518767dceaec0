import { startLayerThread } from '../layers/layer-thread.ts'
import type { LayerTaskResult, TreeToPack } from '../layers/thread-task.ts'

/** Takes the archive, a chunk after the other: the next one comes when the promise settles. The chunk is the sink's to keep. */
export type ArchiveSink = (chunk: Buffer) => void | Promise<void>

export interface PackInThreadOptions {
  readonly clampTo?: number | undefined
  readonly signal?: AbortSignal | undefined
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
      signal?.throwIfAborted()
      const chunk = Buffer.from(slot)
      ring.empty()
      await sink(chunk)
    }
    return await result
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  } finally {
    signal?.removeEventListener('abort', stop)
    await stop()
  }
}
