import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Finding, LoopResult } from './fuzz-loop.ts'
import type { ThreadTask, WatchedMemory } from './thread.ts'

const CORPUS = fileURLToPath(new URL('../corpus', import.meta.url))
const THREAD = new URL('thread.ts', import.meta.url)
const LARGEST_INPUT = 1 << 20
/** An input that is not read by then never will be, on any machine. Seconds. */
const PATIENCE = 60

export interface FuzzOptions {
  readonly seed: number
  readonly runs?: number
  readonly seconds?: number
}

/** Reads changed inputs in a thread of its own, and watches it: that it goes on, and that it leaves what is around its directory alone. */
export async function fuzzTarget(name: string, { seed, runs, seconds }: FuzzOptions): Promise<LoopResult> {
  const around = mkdtempSync(join(tmpdir(), `gocker-fuzz-${name}-`))
  const directory = join(around, 'inside')
  mkdirSync(directory)
  writeFileSync(join(around, 'passwd'), 'nobody may write here')
  const before = listing(around)
  const watched = watchedMemory()
  try {
    const task: ThreadTask = { target: name, seed, corpus: corpusOf(name), runs, seconds, directory, watched }
    const result = await threadResult(task)
    const after = listing(around)
    if (result.finding !== undefined || after === before) return result
    return { ...result, finding: { ...lastInput(watched), error: `it changed what is outside: ${after}` } }
  } finally {
    rmSync(around, { recursive: true, force: true })
  }
}

function corpusOf(name: string): Buffer[] {
  const directory = join(CORPUS, name)
  if (!existsSync(directory)) return []
  return readdirSync(directory).map((file) => readFileSync(join(directory, file)))
}

/** As a file of the corpus: every later run begins with it. @returns its path */
export function keepFinding(name: string, { bytes }: Finding): string {
  const path = join(CORPUS, name, `finding-${Date.now()}`)
  mkdirSync(join(CORPUS, name), { recursive: true })
  writeFileSync(path, bytes)
  return path
}

async function threadResult(task: ThreadTask): Promise<LoopResult> {
  const { promise, resolve, reject } = Promise.withResolvers<LoopResult>()
  const thread = new Worker(THREAD, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: 512 } })
  thread.once('message', resolve)
  thread.once('error', (error) =>
    resolve({ runs: runsOf(task), outcomes: 0, finding: { ...lastInput(task.watched), error: `${error.stack}` } }),
  )
  thread.once('exit', (code) => reject(new Error(`the thread ended with ${code}`)))
  const timer = setInterval(() => {
    if (isStuck(task.watched)) resolve({ runs: runsOf(task), outcomes: 0, finding: { ...lastInput(task.watched), error: 'it hangs' } })
  }, PATIENCE * 1000)
  try {
    return await promise
  } finally {
    clearInterval(timer)
    await thread.terminate()
  }
}

function watchedMemory(): WatchedMemory {
  return { counters: new Int32Array(new SharedArrayBuffer(12)), input: new Uint8Array(new SharedArrayBuffer(LARGEST_INPUT)) }
}

/** Since the last look: the third counter is what the first was then. */
function isStuck({ counters }: WatchedMemory): boolean {
  const count = Atomics.load(counters, 0)
  return Atomics.exchange(counters, 2, count) === count && count > 0
}

function runsOf({ watched }: ThreadTask): number {
  return Atomics.load(watched.counters, 0)
}

function lastInput({ counters, input }: WatchedMemory): Pick<Finding, 'bytes'> {
  return { bytes: Buffer.from(input.slice(0, Atomics.load(counters, 1))) }
}

/** What is around the thread's directory, which it may do with as it likes. */
function listing(around: string): string {
  return readdirSync(around)
    .sort()
    .map((name) => (name === 'inside' ? name : `${name}: ${readFileSync(join(around, name), 'utf8')}`))
    .join('\n')
}
