import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { openCgroup } from '@gocker/kernel'
import { type ContainerRecord, cgroupPath, type Store } from '@gocker/store'
import { readSettings } from '../life/settings.ts'
import { containerStatus } from '../life/status.ts'

/** What a container uses, and has used since it was started, at one moment. */
export interface StatsSample {
  /** Milliseconds of a clock that is never set. */
  readonly time: number
  /** Microseconds of processor time. */
  readonly cpu: number
  /** Bytes, without the page cache that could be had back at once. */
  readonly memory: number
  /** Bytes: its own limit, or what the machine has. */
  readonly memoryLimit: number
  /** Bytes, of all its devices but loopback. */
  readonly network: { readonly received: number; readonly sent: number }
  /** Bytes. */
  readonly blocks: { readonly read: number; readonly written: number }
  readonly processes: number
}

/**
 * @returns undefined for one that does not run
 * @see cgroups(7)
 */
export async function sampleStats(store: Store, record: ContainerRecord): Promise<StatsSample | undefined> {
  const { status, pid } = await containerStatus(store, record)
  if (pid === undefined || (status !== 'running' && status !== 'paused')) return undefined
  const state = await store.containers.readState(record.id)
  const { cpu, memory, pids, io } = await openCgroup(state?.cgroup ?? cgroupPath(record.id)).stats()
  return {
    time: performance.now(),
    cpu: cpu?.usage ?? 0,
    memory: Math.max(0, (memory?.usage ?? 0) - (memory?.inactiveFile ?? 0)),
    memoryLimit: Math.min(memory?.limit ?? Number.POSITIVE_INFINITY, totalmem()),
    // The host's own traffic is not the container's.
    network: readSettings(record).network === 'host' ? { received: 0, sent: 0 } : networkTraffic(pid),
    blocks: { read: io?.read ?? 0, written: io?.written ?? 0 },
    processes: pids?.current ?? 0,
  }
}

/** Percent of one processor between two samples: 200 is two processors at work all the time. */
export function cpuPercent(before: StatsSample, after: StatsSample): number {
  const elapsed = (after.time - before.time) * 1000
  return elapsed <= 0 ? 0 : (Math.max(0, after.cpu - before.cpu) / elapsed) * 100
}

/** @see proc_pid_net(5) */
function networkTraffic(pid: number): StatsSample['network'] {
  return parseNetDev(readIfThere(`/proc/${pid}/net/dev`))
}

/** The counters of all devices but `lo`, from the text of `/proc/net/dev`. */
export function parseNetDev(text: string): StatsSample['network'] {
  let [received, sent] = [0, 0]
  for (const [, device, counters = ''] of text.matchAll(/^\s*([^\s:]+):(.*)$/gm)) {
    if (device === 'lo') continue
    const numbers = counters.trim().split(/\s+/).map(Number)
    received += numbers[0] ?? 0
    sent += numbers[8] ?? 0
  }
  return { received, sent }
}

/** It may have ended by now. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
