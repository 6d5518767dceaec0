import { parentPort, workerData } from 'node:worker_threads'
import { TARGETS } from '../targets/table.ts'
import { fuzzLoop, type LoopResult } from './fuzz-loop.ts'

/** What a fuzzing thread is given. */
export interface ThreadTask {
  readonly target: string
  readonly seed: number
  /** Files, to be read after the target's own seeds. */
  readonly corpus: readonly Uint8Array[]
  readonly runs?: number | undefined
  readonly seconds?: number | undefined
  readonly directory: string
  readonly watched: WatchedMemory
}

/** By which the other thread sees what is being read, and that it goes on. */
export interface WatchedMemory {
  /** How many inputs there were, then the length of the present one. */
  readonly counters: Int32Array<SharedArrayBuffer>
  readonly input: Uint8Array<SharedArrayBuffer>
}

const { target: name, seed, corpus, runs, seconds, directory, watched } = workerData as ThreadTask
const target = await TARGETS[name]?.()
if (target === undefined) throw new Error(`there is no target ${name}`)
target.prepare?.(directory)
const end = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000
const result: LoopResult = fuzzLoop(target, {
  seed,
  corpus: [...target.seeds, ...corpus.map((bytes) => Buffer.from(bytes))],
  isOver: (done) => done >= (runs ?? Number.POSITIVE_INFINITY) || (done % 64 === 0 && performance.now() > end),
  onInput(bytes) {
    watched.input.set(bytes)
    Atomics.store(watched.counters, 1, bytes.length)
    Atomics.add(watched.counters, 0, 1)
  },
})
parentPort?.postMessage(result)
