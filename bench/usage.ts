import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Contestant, timeOnce } from './measure.ts'
import { processesWith } from './peers.ts'

/** Somebody whose whole tree of processes is measured, not its time alone. */
export interface Worker extends Contestant {
  /** The command line of an engine that does the work for the command begins with this. */
  readonly engine?: string
}

export interface Usage {
  readonly name: string
  /** Sorted: milliseconds of wall time, of processor time (user and system), and MiB that the largest process had resident. */
  readonly wall: readonly number[]
  readonly cpu: readonly number[]
  readonly memory: readonly number[]
}

interface Spent {
  readonly wall: number
  readonly cpu: number
  readonly memory: number
}

/**
 * Measures what whole trees of processes take, the workers in turn.
 * @throws {Error} when a run fails or its check does: a wrong result has no time
 */
export function measureUsage(workers: readonly Worker[], { runs, warmups = 1 }: { runs: number; warmups?: number }): Usage[] {
  const spent = new Map(workers.map(({ name }) => [name, [] as Spent[]]))
  for (let run = -warmups; run < runs; run++)
    for (const worker of workers) {
      const once = spendOnce(worker)
      if (run >= 0) spent.get(worker.name)?.push(once)
    }
  return Array.from(spent, ([name, all]) => {
    const sorted = (what: keyof Spent) => all.map((each) => each[what]).toSorted((a, b) => a - b)
    return { name, wall: sorted('wall'), cpu: sorted('cpu'), memory: sorted('memory') }
  })
}

export function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** GNU time asks the kernel what the command and all that it waited for have used; an engine's processes are asked themselves. */
function spendOnce(worker: Worker): Spent {
  const { engine = '', command, before } = worker
  const report = join(tmpdir(), `gocker-bench-usage-${process.pid}`)
  const enginePids = () => (engine === '' ? [] : processesWith((text) => text.startsWith(engine)))
  let already = 0
  const wall = timeOnce({
    ...worker,
    command: ['time', '--format', '%U %S %M', '--output', report, ...command],
    before() {
      before?.()
      already = enginePids().map(processorTime).reduce(sum, 0)
      for (const pid of enginePids()) writeFileSync(`/proc/${pid}/clear_refs`, '5')
    },
  })
  const [user = 0, system = 0, kilobytes = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number)
  rmSync(report)
  const beside = enginePids()
  return {
    wall,
    cpu: (user + system) * 1000 + beside.map(processorTime).reduce(sum, 0) - already,
    memory: Math.max(kilobytes, ...beside.map(peak)) / 1024,
  }
}

const MILLISECONDS_A_TICK = 10

/** Of a process and of the children that it has waited for. @see proc_pid_stat(5) */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return fields.slice(11, 15).map(Number).reduce(sum, 0) * MILLISECONDS_A_TICK
}

function peak(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

function sum(a: number, b: number): number {
  return a + b
}
