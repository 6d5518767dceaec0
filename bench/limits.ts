import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { call, type Peer } from './peers.ts'
import type { Report, Table } from './report.ts'
import { GOCKER, NODE, storeWithDebian } from './subjects.ts'

const SECONDS = 5
const MIB = 2 ** 20

/** Says how much processor time it has had a second. */
const BURN = `sub now { open my $file, "/proc/uptime"; (split " ", <$file>)[0] }
my $begin = now(); my $end = time + ${SECONDS}; 1 while time < $end;
my ($user, $system) = times; print(($user + $system) / (now() - $begin))`
/** Takes memory that it has written to, until it is killed. */
const TAKE = '$| = 1; my $size = 262144; while (1) { push @all, chr(1 + @all % 99) x $size; syswrite STDOUT, "." }'
/** Makes children that wait, until it may not. */
const FORK =
  'my $count = 1; while (defined(my $pid = fork)) { if ($pid == 0) { sleep 600; exit } $count++; last if $count > 500 } print $count; kill 9, -$$'
/** Takes all of the processors, and memory, again and again. */
const NOISE = 'fork; fork; while (1) { my $memory = "x" x (64 * 1048576 + $n++ % 7) }'

/** What a container gets of what it was given, while another one takes whatever it can. */
export async function limits(): Promise<Report> {
  const { environment, remove } = await storeWithDebian()
  const gocker: Peer = { name: 'gocker', command: [NODE, GOCKER], environment, keepers: () => [] }
  const neighbour = call(gocker, ['run', '-d', '--network', 'none', 'debian', 'perl', '-e', NOISE])
  try {
    const rows = [await cpuLimit(gocker), await cpuShares(gocker), await memoryLimit(gocker), await pidsLimit(gocker)]
    return { tables: [shareTable(rows)] }
  } finally {
    call(gocker, ['rm', '-f', neighbour])
    remove()
  }
}

interface Share {
  readonly what: string
  readonly asked: number
  readonly received: number
}

function shareTable(shares: readonly Share[]): Table {
  const rows = shares.map((share) => ({ ...share, 'off by %': (Math.abs(share.received - share.asked) / share.asked) * 100 }))
  return { title: 'limits, beside a neighbour that takes what it can', rows }
}

/** Seconds of a processor a second. */
async function cpuLimit(gocker: Peer): Promise<Share> {
  const { stdout } = await perl(gocker, BURN, ['--cpus', '0.25'])
  return { what: '--cpus 0.25', asked: 0.25, received: Number(stdout) }
}

/** Two on one processor: what the one with thrice the shares gets of what both get. */
async function cpuShares(gocker: Peer): Promise<Share> {
  const one = `${cpus().length - 1}`
  const both = [3072, 1024].map((shares) => perl(gocker, BURN, ['--cpuset-cpus', one, '--cpu-shares', `${shares}`]))
  const [most = 0, least = 0] = (await Promise.all(both)).map(({ stdout }) => Number(stdout))
  return { what: '--cpu-shares 3072 of 4096', asked: 0.75, received: most / (most + least) }
}

async function memoryLimit(gocker: Peer): Promise<Share> {
  const { stdout, code } = await perl(gocker, TAKE, ['--memory', '256m', '--memory-swap', '256m'])
  if (code !== 137) throw new Error(`what takes more memory than it may ended with ${code}`)
  return { what: '--memory 256m (MiB)', asked: 256, received: (stdout.length * 262144) / MIB }
}

async function pidsLimit(gocker: Peer): Promise<Share> {
  const { stdout } = await perl(gocker, FORK, ['--pids-limit', '50'])
  return { what: '--pids-limit 50', asked: 50, received: Number(stdout) }
}

async function perl({ command, environment }: Peer, script: string, flags: readonly string[]): Promise<{ stdout: string; code: number }> {
  const [program = '', ...before] = command
  const words = [...before, 'run', '--rm', '--network', 'none', ...flags, 'debian', 'perl', '-e', script]
  const child = spawn(program, words, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  return { stdout, code }
}
