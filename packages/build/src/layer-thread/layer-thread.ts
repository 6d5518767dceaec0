import { Worker } from 'node:worker_threads'
import { BUILD_THREAD_ROLE, type BuildThreadData, type LayerJob, type LayerJobAnswer, THREAD_MARK } from './thread-job.ts'

/** A thread that makes layers, seen from the one that has started it. */
export class LayerThread {
  readonly #stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #worker: Worker
  #isFree = true

  constructor() {
    const workerData: BuildThreadData = { role: BUILD_THREAD_ROLE, stop: this.#stop }
    // The thread's files are opened by openat2(2), of which Node knows nothing: it closes them itself, also when it is stopped.
    this.#worker = new Worker(threadFile(), { argv: [THREAD_MARK], execArgv: [], trackUnmanagedFds: false, workerData })
    // Whoever waits for a job learns of it; between two there is nobody to tell.
    this.#worker.on('error', () => {})
  }

  /** Whether it can do another job. */
  get isFree(): boolean {
    return this.#isFree
  }

  /** @throws {Error} the job's error, with its `code` and `hint`; the signal's reason */
  async perform(job: LayerJob, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted()
    const abort = () => void Atomics.store(this.#stop, 0, 1)
    signal?.addEventListener('abort', abort)
    this.#isFree = false
    try {
      const answer = await this.#answerTo(job)
      signal?.throwIfAborted()
      if (!answer.ok) throw Object.assign(new Error(answer.message), { code: answer.code, hint: answer.hint })
      this.#isFree = answer.isFree
      return answer.result
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Settles when the thread is gone and writes no more. */
  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #answerTo(job: LayerJob): Promise<LayerJobAnswer> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      const ended = (code: number) => reject(new Error(`the thread that makes layers ended early, with code ${code}`))
      const settled = (settle: () => void) => {
        worker.off('message', answered).off('error', failed).off('exit', ended)
        settle()
      }
      const answered = (answer: LayerJobAnswer) => settled(() => resolve(answer))
      const failed = (error: unknown) => settled(() => reject(error))
      worker.on('message', answered).on('error', failed).on('exit', ended)
      worker.postMessage(job)
    })
  }
}

/** From source the thread has a file of its own; in a bundle everything is one file, which knows its threads by their role. */
function threadFile(): URL {
  return import.meta.url.endsWith('/layer-thread.ts') ? new URL('./thread-main.ts', import.meta.url) : new URL(import.meta.url)
}
