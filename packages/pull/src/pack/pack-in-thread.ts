import { type LayerThread, startLayerThread } from '../layers/layer-thread.ts'
import { threadArchive } from '../layers/thread-archive.ts'
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
  return await packedBy(startLayerThread({ kind: 'pack', tree, clampTo }), signal, sink)
}

/** Passes on the archive that a thread makes, and stops the thread. */
export async function packedBy(thread: LayerThread, signal: AbortSignal | undefined, sink: ArchiveSink): Promise<LayerTaskResult> {
  const { result, stop } = thread
  signal?.addEventListener('abort', stop)
  try {
    for await (const chunk of threadArchive(thread)) {
      signal?.throwIfAborted()
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
