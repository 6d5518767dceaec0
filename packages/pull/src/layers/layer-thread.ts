import { Worker } from 'node:worker_threads'
import { PullError } from '../error.ts'
import { Ring, type RingSize } from './ring.ts'
import { LAYER_THREAD_ROLE, type LayerTask, type LayerTaskResult, type LayerThreadMessage, THREAD_MARK } from './thread-task.ts'

/** A thread of its own for one layer, since it leaves this process's view of the file system and does not come back. */
export interface LayerThread {
  readonly ring: Ring
  /** Rejects when the thread fails, and when it dies. */
  readonly result: Promise<LayerTaskResult>
  /** Settles when the thread is gone and writes no more. Does not wait for the task. */
  stop(): Promise<void>
}

type WithoutRing<Task> = Task extends LayerTask ? Omit<Task, 'ring'> : never

// 4 MiB of tar under way: enough that neither side waits for the other's hiccups.
const RING_SIZE: RingSize = { slots: 8, slotSize: 1 << 19 }

export function startLayerThread(task: WithoutRing<LayerTask>): LayerThread {
  const ring = new Ring(Ring.allocate(RING_SIZE))
  const worker = new Worker(threadFile(), {
    argv: [THREAD_MARK],
    execArgv: [],
    // What goes into containers opens files by openat2(2), of which Node knows nothing: it closes them itself.
    trackUnmanagedFds: task.kind === 'unpack' || task.kind === 'pack',
    workerData: { role: LAYER_THREAD_ROLE, task: { ...task, ring: ring.memory } },
  })
  const result = resultOf(worker)
  result.catch((reason) => ring.close(reason))
  return {
    ring,
    result,
    async stop() {
      await worker.terminate()
    },
  }
}

// From source a thread has its own file; a bundle is one file, whose entry point tells threads from the program by their role.
function threadFile(): URL {
  return import.meta.url.endsWith('.ts') ? new URL('./writer-thread.ts', import.meta.url) : new URL(import.meta.url)
}

function resultOf(worker: Worker): Promise<LayerTaskResult> {
  return new Promise((resolve, reject) => {
    worker.once('message', (message: LayerThreadMessage) => {
      if ('done' in message) resolve(message.done)
      else reject(new PullError(message.failed.code, message.failed.message, { hint: message.failed.hint }))
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a layer's thread ended without a result: exit code ${code}`)))
  })
}
