import { Worker } from 'node:worker_threads'
import { PullError } from '../error.ts'
import { PIECE } from './inflater.ts'
import { Ring, type RingMemory, type RingSize } from './ring.ts'
import { goesBack, LAYER_THREAD_ROLE, type LayerTask, type LayerTaskResult, type LayerThreadMessage, THREAD_MARK } from './thread-task.ts'

/** A thread that works on one layer, since it leaves this process's view of the file system for that long. */
export interface LayerThread<Result = LayerTaskResult> {
  readonly ring: Ring
  /** Rejects when the thread fails, and when it dies. */
  readonly result: Promise<Result>
  /** Settles when the thread writes no more. Does not wait for the task. */
  stop(): Promise<void>
}

type WithoutRing<Task> = Task extends LayerTask ? Omit<Task, 'ring'> : never
type ResultOf<Task> = Task extends { readonly kind: 'inflate' } ? undefined : LayerTaskResult

interface WarmThread {
  readonly worker: Worker
  readonly memory: RingMemory
}

// 2 MiB under way: enough that neither side waits for the other's hiccups.
const RING_SIZE: RingSize = { slots: 8, slotSize: PIECE }

/** Milliseconds that a thread stays for another layer: starting one takes as long as unpacking a small layer. */
const PATIENCE = 500
/** The same before the first layer: a registry takes its time. */
const FIRST_PATIENCE = 30_000

const waiting = new Map<WarmThread, NodeJS.Timeout>()

/** Has threads begin for layers that are likely to come: while the registry is asked, it costs no time. */
export function expectLayers(count: number): void {
  while (waiting.size < count) letWait(startThread({ kind: 'unpack' }), FIRST_PATIENCE)
}

export function startLayerThread<Task extends WithoutRing<LayerTask>>(task: Task): LayerThread<ResultOf<Task>> {
  const thread = (goesBack(task) ? takeWaiting() : undefined) ?? startThread(task)
  const { worker, memory } = thread
  const ring = new Ring(memory)
  let isDone = false
  const result = resultOf<ResultOf<Task>>(worker)
  result.then(
    () => (isDone = goesBack(task)),
    (reason) => ring.close(reason),
  )
  worker.postMessage({ ...task, ring: memory })
  return {
    ring,
    result,
    async stop() {
      if (isDone) letWait(thread, PATIENCE)
      else await worker.terminate()
      isDone = false
    },
  }
}

function startThread({ kind }: Pick<LayerTask, 'kind'>): WarmThread {
  const worker = new Worker(threadFile(), {
    argv: [THREAD_MARK],
    execArgv: [],
    // What goes into containers opens files by openat2(2), of which Node knows nothing: it closes them itself.
    trackUnmanagedFds: kind !== 'copy-from' && kind !== 'copy-to',
    workerData: { role: LAYER_THREAD_ROLE },
    // All that a thread makes is short-lived: little room is enough, but each sweep wakes V8's own threads.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  })
  return { worker, memory: Ring.allocate(RING_SIZE) }
}

// From source a thread has its own file; a bundle is one file, whose entry point tells threads from the program by their role.
function threadFile(): URL {
  return import.meta.url.endsWith('.ts') ? new URL('./writer-thread.ts', import.meta.url) : new URL(import.meta.url)
}

function takeWaiting(): WarmThread | undefined {
  for (const [thread, timeout] of waiting) {
    clearTimeout(timeout)
    waiting.delete(thread)
    thread.worker.ref()
    Ring.startAnew(thread.memory)
    return thread
  }
  return undefined
}

/** Keeps neither the thread for long nor the process at all. */
function letWait(thread: WarmThread, patience: number): void {
  const giveUp = () => {
    waiting.delete(thread)
    void thread.worker.terminate()
  }
  thread.worker.unref()
  waiting.set(thread, setTimeout(giveUp, patience).unref())
}

function resultOf<Result>(worker: Worker): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>()
  const take = (message: LayerThreadMessage) => {
    if ('done' in message) resolve(message.done as Result)
    else reject(new PullError(message.failed.code, message.failed.message, { hint: message.failed.hint }))
  }
  const die = (code: number) => reject(new Error(`a layer's thread ended without a result: exit code ${code}`))
  worker.on('message', take).on('error', reject).on('exit', die)
  return promise.finally(() => worker.off('message', take).off('error', reject).off('exit', die))
}
