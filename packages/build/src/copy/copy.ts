import { Worker } from 'node:worker_threads'
import { COPY_THREAD_ROLE, type CopyJob, type CopyThreadData, THREAD_MARK } from './copy-job.ts'

interface Answer {
  readonly ok: boolean
  readonly code?: string
  readonly message?: string
}

/**
 * Copies files into a stage, in a thread of its own that sees nothing but the stage.
 * @throws {Error} the thread's error, or the signal's reason
 */
export async function copyFiles(job: CopyJob, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  // The thread's files are opened by openat2(2), of which Node knows nothing: it closes them itself, also when it is stopped.
  const options = { argv: [THREAD_MARK], execArgv: [], trackUnmanagedFds: false }
  const workerData: CopyThreadData = { role: COPY_THREAD_ROLE, job, stop }
  const worker = new Worker(threadFile(), { ...options, workerData })
  const abort = () => void Atomics.store(stop, 0, 1)
  signal?.addEventListener('abort', abort)
  try {
    const answer = await answerOf(worker)
    signal?.throwIfAborted()
    if (!answer.ok) throw Object.assign(new Error(answer.message), { code: answer.code })
  } finally {
    signal?.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

function answerOf(worker: Worker): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the copying thread ended early, with code ${code}`)))
  })
}

/** From source the thread has a file of its own; in a bundle everything is one file, which knows its threads by their role. */
function threadFile(): URL {
  return import.meta.url.endsWith('/copy/copy.ts') ? new URL('./copy-thread-main.ts', import.meta.url) : new URL(import.meta.url)
}
