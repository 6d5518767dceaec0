import { type ArchiveSink, type LayerTaskResult, type RingMemory, receiveArchive } from '@gocker/pull'
import type { CopyJob } from '../copy/copy-job.ts'
import { LayerThread } from './layer-thread.ts'

/**
 * The threads of one build that copy files into layers and pack them. Starting one costs as much as copying hundreds of files: one that has done
 * its work waits for more. There are as many as there are stages that make layers at once.
 */
export class LayerThreads {
  readonly #idle: LayerThread[] = []
  readonly #all = new Set<LayerThread>()

  /**
   * Copies files into a stage; the thread sees nothing but the stage.
   * @throws {Error} naming the file; the signal's reason
   */
  async copy(copy: CopyJob, signal?: AbortSignal): Promise<void> {
    await this.#withThread((thread) => thread.perform({ kind: 'copy', copy }, signal))
  }

  /**
   * Packs an overlay's upper directory.
   * @throws {Error} with the `code` and `hint` that a PullError would have; the signal's reason
   */
  async pack(directory: string, signal: AbortSignal, sink: ArchiveSink): Promise<LayerTaskResult> {
    return await this.#withThread(async (thread) => {
      const options = { isOverlayUpper: true, clampTo: undefined }
      const packed = async (ring: RingMemory) =>
        (await thread.perform({ kind: 'pack', directory, ring, options }, signal)) as LayerTaskResult
      const stop = async () => {
        if (!thread.isFree) await thread.end()
      }
      return await receiveArchive(packed, { signal, stop }, sink)
    })
  }

  /** Starts the first one, which takes as long as many a step, before anybody waits for it. */
  startEarly(): void {
    this.#idle.push(this.#start())
  }

  /** Settles when all are gone. */
  async end(): Promise<void> {
    await Promise.all(Array.from(this.#all, (thread) => thread.end()))
  }

  async #withThread<T>(work: (thread: LayerThread) => Promise<T>): Promise<T> {
    const thread = this.#idle.pop() ?? this.#start()
    try {
      return await work(thread)
    } finally {
      if (thread.isFree) this.#idle.push(thread)
      else await this.#discard(thread)
    }
  }

  #start(): LayerThread {
    const thread = new LayerThread()
    this.#all.add(thread)
    return thread
  }

  async #discard(thread: LayerThread): Promise<void> {
    this.#all.delete(thread)
    await thread.end()
  }
}
