import { readdirSync, readFileSync } from 'node:fs'
import { call, type Peer, peersWithDebian } from './peers.ts'
import type { Report } from './report.ts'

const CYCLES = 200
/** Before anything is counted: what is made once is there then. */
const WARMUPS = 5

/** A container is started and stopped again and again: nothing may grow. */
export async function soak(): Promise<Report> {
  const { peers, remove } = await peersWithDebian()
  try {
    const [gocker] = peers as [Peer]
    call(gocker, ['create', '--name', 'again', '--stop-signal', 'KILL', '-p', '127.0.0.1::80', 'debian', 'sleep', '600'])
    cycle(gocker, WARMUPS)
    const before = counts(gocker)
    const started = performance.now()
    cycle(gocker, CYCLES)
    const time = (performance.now() - started) / CYCLES
    const after = counts(gocker)
    const grown = Object.keys(before).filter((what) => (after[what] ?? 0) > (before[what] ?? 0))
    if (grown.length > 0)
      throw new Error(`after ${CYCLES} cycles there is more of: ${grown.join(', ')}: ${JSON.stringify({ before, after })}`)
    const rows = Object.entries(after).map(([what, count]) => ({ what, before: before[what] ?? 0, after: count }))
    return { tables: [{ title: `${CYCLES} starts and stops, ${time.toFixed(0)} ms each`, rows }] }
  } finally {
    await remove()
  }
}

function cycle(gocker: Peer, times: number): void {
  for (let count = 0; count < times; count++) {
    call(gocker, ['start', 'again'])
    call(gocker, ['stop', 'again'])
  }
}

function counts({ environment = {} }: Peer): Record<string, number> {
  const links = readFileSync('/proc/net/dev', 'utf8').split('\n').length
  const cgroups = readFileSync('/proc/cgroups', 'utf8')
    .split('\n')
    .map((line) => Number(line.split('\t')[2] ?? 0))
  return {
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length,
    cgroups: cgroups.reduce((sum, count) => sum + (count || 0), 0),
    links,
    'files of the store': filesBelow(environment.GOCKER_ROOT ?? ''),
    'files of the run directory': filesBelow(environment.GOCKER_RUN ?? ''),
  }
}

function filesBelow(directory: string): number {
  return readdirSync(directory, { recursive: true }).length
}
