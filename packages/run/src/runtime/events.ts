import { setTimeout as delay } from 'node:timers/promises'
import { type Cgroup, type CgroupStats, openCgroup } from '@gocker/kernel'
import { RunError } from '../error.ts'
import { placeOf, type RuntimeHome, type RuntimePlace } from './home.ts'
import { readRecord, statusOf } from './state.ts'

/** What a container uses, or that the kernel has killed one of its processes for want of memory: in runc's words. */
export type RuntimeEvent =
  | { readonly type: 'stats'; readonly id: string; readonly data: RuntimeStats }
  | { readonly type: 'oom'; readonly id: string }

/** Times in nanoseconds, all else in bytes or numbers. */
export interface RuntimeStats {
  readonly cpu: {
    readonly usage: { readonly total: number; readonly kernel: number; readonly user: number }
    readonly throttling: { readonly periods?: number; readonly throttledPeriods?: number; readonly throttledTime?: number }
  }
  readonly memory: {
    readonly usage: { readonly limit: number; readonly usage: number }
    readonly raw: { readonly total_inactive_file: number }
  }
  /** A limit of 0 is none. */
  readonly pids: { readonly current: number; readonly limit: number }
  readonly blkio: { readonly ioServiceBytesRecursive: readonly { readonly op: 'Read' | 'Write'; readonly value: number }[] }
}

/** How often it is looked whether something has happened, at most. */
const LOOK_MS = 1000
/** What v1 says of memory without a limit. */
const UNLIMITED = 2 ** 63 - 4096

/**
 * What a container uses, at once and then in every interval, until it has stopped.
 * @param options.interval milliseconds; undefined: only at once
 * @throws {RunError} `NO_SUCH_CONTAINER`, `WRONG_STATUS` for one that does not run
 */
export async function* runtimeEvents(
  home: RuntimeHome,
  id: string,
  { interval }: { readonly interval?: number },
): AsyncGenerator<RuntimeEvent, void> {
  const place = placeOf(home, id)
  const cgroup = openCgroup(readRecord(place).cgroup)
  if (isOver(place)) throw new RunError('WRONG_STATUS', `watching container ${id}: container not running`)
  yield await statsOf(id, cgroup)
  if (interval !== undefined) yield* watched(place, cgroup, interval)
}

async function* watched(place: RuntimePlace, cgroup: Cgroup, interval: number): AsyncGenerator<RuntimeEvent, void> {
  const { id } = place
  let next = performance.now() + interval
  let killed = false
  while (!isOver(place)) {
    if (!killed && (await cgroup.oomKilled())) {
      killed = true
      yield { type: 'oom', id }
    }
    const wait = next - performance.now()
    if (wait > 0) await delay(Math.min(wait, LOOK_MS))
    else {
      next += interval
      yield await statsOf(id, cgroup)
    }
  }
}

function isOver(place: RuntimePlace): boolean {
  try {
    return statusOf(place, readRecord(place)) === 'stopped'
  } catch (error) {
    // Deleted while it was watched.
    if (error instanceof RunError && error.code === 'NO_SUCH_CONTAINER') return true
    throw error
  }
}

async function statsOf(id: string, cgroup: Cgroup): Promise<RuntimeEvent> {
  return { type: 'stats', id, data: inWordsOfRunc(await cgroup.stats()) }
}

function inWordsOfRunc({ cpu, throttling, memory, pids, io }: CgroupStats): RuntimeStats {
  const { usage: total = 0, system: kernel = 0, user = 0 } = cpu ?? {}
  return {
    cpu: {
      usage: { total: total * 1000, kernel: kernel * 1000, user: user * 1000 },
      throttling: throttling === undefined ? {} : { ...throttled(throttling) },
    },
    memory: {
      usage: { limit: memory?.limit ?? UNLIMITED, usage: memory?.usage ?? 0 },
      raw: { total_inactive_file: memory?.inactiveFile ?? 0 },
    },
    pids: { current: pids?.current ?? 0, limit: pids?.limit ?? 0 },
    blkio: {
      ioServiceBytesRecursive: [
        { op: 'Read', value: io?.read ?? 0 },
        { op: 'Write', value: io?.written ?? 0 },
      ],
    },
  }
}

function throttled({ periods, throttledPeriods, throttled: microseconds }: NonNullable<CgroupStats['throttling']>) {
  return { periods, throttledPeriods, throttledTime: microseconds * 1000 }
}
