import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type Measured, measure, measuredOf } from './measure.ts'
import { call, containersOf, contestant, nothing, type Peer, peersWithDebian } from './peers.ts'
import { type Report, type Table, timeTable } from './report.ts'

const WORDS = ['run', '-d', '--network', 'none', 'debian', 'sleep', '600']
const AT_ONCE = [20, 100]

/** Containers in the background: the start of one, of many at once, and what each keeps in memory beside itself. */
export async function many(runs: number): Promise<Report> {
  const { peers, missing, remove } = await peersWithDebian()
  try {
    const one = timeTable(WORDS.join(' '), measure([nothing, ...peers.map(starter)], { runs }), 'gocker')
    const tables = [one, memoryTable(peers)]
    for (const count of AT_ONCE)
      tables.push(timeTable(`${count} at once`, await startMany(peers, { count, runs: Math.max(1, Math.round(runs / 6)) }), 'gocker'))
    return { tables, missing }
  } finally {
    await remove()
  }
}

function starter(peer: Peer) {
  return contestant(peer, WORDS, (id) => {
    if (call(peer, ['inspect', '--format', '{{.State.Running}}', id.trim()]) !== 'true') throw new Error(`${peer.name}: ${id} does not run`)
    call(peer, ['rm', '-f', id.trim()])
  })
}

async function startMany(peers: readonly Peer[], { count, runs }: { count: number; runs: number }): Promise<Measured[]> {
  const times = new Map(peers.map(({ name }) => [name, [] as number[]]))
  for (let run = 0; run < runs; run++)
    for (const peer of peers) {
      const started = performance.now()
      const ids = await Promise.all(Array.from({ length: count }, () => startOne(peer)))
      times.get(peer.name)?.push(performance.now() - started)
      const running = call(peer, ['ps', '-q', '--no-trunc']).split('\n')
      if (running.length !== count || ids.some((id) => !running.includes(id))) throw new Error(`${peer.name}: not all ${count} run`)
      call(peer, ['rm', '-f', ...ids])
    }
  return Array.from(times, measuredOf)
}

function startOne({ name, command, environment }: Peer): Promise<string> {
  const [program = '', ...before] = command
  const child = spawn(program, [...before, ...WORDS], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(stdout.trim()) : reject(new Error(`${name}: ended with ${code}: ${stderr}`))))
  })
}

/** Resident in what stays beside one idle container. */
function memoryTable(peers: readonly Peer[]): Table {
  const rows = peers.map((peer) => {
    const pids = peer.keepers(call(peer, WORDS))
    if (pids.length === 0) throw new Error(`${peer.name}: nothing looks after its container`)
    const kilobytes = pids.map(residentOf).reduce((sum, each) => sum + each, 0)
    call(peer, ['rm', '-f', ...containersOf(peer)])
    return { what: peer.name, 'resident kB': kilobytes, processes: pids.length }
  })
  return { title: 'beside an idle container', rows }
}

function residentOf(pid: number): number {
  return Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
}
