import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type Contestant, type Measured, measure } from './measure.ts'
import { call, containersOf, type Peer, peersWithDebian } from './peers.ts'
import { table } from './report.ts'
import { NODE } from './subjects.ts'

const WORDS = ['run', '-d', '--network', 'none', 'debian', 'sleep', '600']
const AT_ONCE = 20

/** Containers in the background: the start of one, of many at once, and what each keeps in memory beside itself. */
export async function detached(runs: number): Promise<string> {
  const { peers, missing, remove } = await peersWithDebian()
  try {
    const node = { name: 'node -e 0', command: [NODE, '-e', '0'] }
    const one = measure([node, ...peers.map(starter)], { runs })
    const many = await startMany(peers, Math.max(3, Math.round(runs / 6)))
    const title = `${AT_ONCE} at once`
    const parts = [
      table(WORDS.join(' '), one, 'gocker'),
      table(title, many, 'gocker'),
      memoryTable(peers),
      ...missing.map((text) => `${text}\n`),
    ]
    return parts.join('\n')
  } finally {
    await remove()
  }
}

function starter(peer: Peer): Contestant {
  return {
    name: peer.name,
    command: [...peer.command, ...WORDS],
    ...(peer.environment !== undefined && { environment: peer.environment }),
    check: (id) => {
      if (call(peer, ['inspect', '--format', '{{.State.Running}}', id.trim()]) !== 'true')
        throw new Error(`${peer.name}: ${id} does not run`)
      call(peer, ['rm', '-f', id.trim()])
    },
  }
}

async function startMany(peers: readonly Peer[], runs: number): Promise<Measured[]> {
  const times = new Map(peers.map(({ name }) => [name, [] as number[]]))
  for (let run = 0; run < runs; run++)
    for (const peer of peers) {
      const started = performance.now()
      const ids = await Promise.all(Array.from({ length: AT_ONCE }, () => startOne(peer)))
      times.get(peer.name)?.push(performance.now() - started)
      const running = call(peer, ['ps', '-q', '--no-trunc']).split('\n')
      if (running.length !== AT_ONCE || ids.some((id) => !running.includes(id))) throw new Error(`${peer.name}: not all ${AT_ONCE} run`)
      call(peer, ['rm', '-f', ...ids])
    }
  return Array.from(times, ([name, unsorted]) => {
    const sorted = unsorted.toSorted((a, b) => a - b)
    return { name, times: sorted, median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN }
  })
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
function memoryTable(peers: readonly Peer[]): string {
  const rows = peers.map((peer) => {
    const id = call(peer, WORDS)
    const pids = peer.keepers(id)
    if (pids.length === 0) throw new Error(`${peer.name}: nothing looks after ${id}`)
    const kilobytes = pids.map(residentOf).reduce((sum, each) => sum + each, 0)
    call(peer, ['rm', '-f', ...containersOf(peer)])
    return `| ${peer.name} | ${kilobytes} | ${pids.length} |`
  })
  return ['### beside an idle container', '', '| what | resident kB | processes |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

function residentOf(pid: number): number {
  return Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
}
