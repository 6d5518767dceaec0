import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type CommandOptions, type CommandResult, type RunningCommand, startCommand } from '@gocker/testkit'
import { gockerUnderTest, runFixture, succeeded } from './running.ts'

/** A machine with gocker, and the world around it, each in a network namespace: nothing is seen of them outside. */
export interface NetworkFixture {
  /** Holds the store and the run directory. */
  readonly root: string
  /** `gocker` on the machine. */
  gocker(words: readonly string[], options?: Options): Promise<CommandResult>
  /** What it prints; fails where it does not succeed. */
  output(words: readonly string[], options?: Options): Promise<string>
  /** `gocker`, for tests that do something while it runs. */
  start(words: readonly string[], options?: Options): RunningCommand
  /** A container with a server that tells everybody its name and who asks. It is removed after the test. @returns its id */
  serve(t: TestContext, name: string, ...flags: readonly string[]): Promise<string>
  /** Removes containers after the test, by name, if they are there. */
  removed(t: TestContext, ...names: readonly string[]): void
  /** A network that is removed after the test. */
  network(t: TestContext, name: string, ...flags: readonly string[]): Promise<void>
  /** What a server says, asked from the machine, the world, or a container; undefined where nobody answers. */
  ask(from: string, address: string, port?: number, protocol?: 'tcp' | 'udp'): Promise<string | undefined>
  /** Whether an address does not answer at all: to be asked where the answer would come at once. */
  isSilent(from: string, address: string, port?: number): Promise<boolean>
  /** Runs a program in the namespace of the machine, the world or a container. @returns what it prints */
  inside(from: string, ...command: readonly string[]): Promise<string>
}

interface Options extends Omit<CommandOptions, 'root' | 'env'> {
  /** A program that runs gocker. */
  readonly within?: readonly string[]
}

export const ADDRESSES = { machine: '192.0.2.1', world: '192.0.2.2', machine6: '2001:db8::1', world6: '2001:db8::2' } as const
/** Where servers listen. */
export const PORT = 7000

/** Tells each connection and each datagram who is there, and from where it comes. */
const SERVER = `
use Socket qw(:all);
my ($name, $port) = @ARGV;
$SIG{TERM} = sub { exit 0 };
sub answer { my ($p, $a) = unpack_sockaddr_in6($_[0]); my $from = inet_ntop(AF_INET6, $a); $from =~ s/^::ffff://; "$name $from\\n" }
sub bound {
  socket(my $s, AF_INET6, $_[0], 0) or die $!;
  setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
  setsockopt($s, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  bind($s, pack_sockaddr_in6($port, inet_pton(AF_INET6, '::'))) or die $!;
  $s
}
my ($tcp, $udp) = (bound(SOCK_STREAM), bound(SOCK_DGRAM));
listen($tcp, 50) or die $!;
$| = 1; print "ready\\n";
while (1) {
  my $ready = '';
  vec($ready, fileno($_), 1) = 1 for ($tcp, $udp);
  next if select($ready, undef, undef, undef) < 1;
  if (vec($ready, fileno($udp), 1)) { my $from = recv($udp, my $bytes, 100, 0); send($udp, answer($from), 0, $from) }
  if (vec($ready, fileno($tcp), 1)) { my $from = accept(my $client, $tcp); syswrite($client, answer($from)); close $client }
}`

const server = (name: string) => ['perl', '-e', SERVER, name, `${PORT}`]

/** For the tests of one file; its containers are made of Debian. */
export function networkFixture(): NetworkFixture {
  const { root } = runFixture('debian')
  const pids = new Map<string, number>()
  const children: ChildProcess[] = []
  before(async () => {
    for (const name of ['machine', 'world']) {
      const child = await startNamespace(name)
      children.push(child)
      pids.set(name, child.pid as number)
    }
    connect(pids.get('machine') as number, pids.get('world') as number)
  })
  after(() => {
    for (const child of children) child.kill('SIGKILL')
  })
  const env = { PATH: process.env.PATH, HOME: root, GOCKER_ROOT: join(root, 'store'), GOCKER_RUN: join(root, 'run') }
  const start = (words: readonly string[], { within = [], ...options }: Options = {}) =>
    startCommand([...enter(pids.get('machine') as number), ...within, ...gockerUnderTest(), ...words], { ...options, env: env as never })
  const gocker = (words: readonly string[], options?: Options) => start(words, options).result
  const output = async (words: readonly string[], options?: Options) => succeeded(await gocker(words, options)).stdout
  const pidOf = (from: string) => pids.get(from) ?? pidOfContainer(root, from)
  const ask: NetworkFixture['ask'] = async (from, address, port = PORT, protocol = 'tcp') =>
    connectFrom(pidOf(from), { address, port, protocol, seconds: 20 })
  const left = new WeakMap<TestContext, Left>()
  const afterwards = (t: TestContext) => {
    const known = left.get(t)
    if (known !== undefined) return known
    const { containers, networks }: Left = { containers: [], networks: [] }
    left.set(t, { containers, networks })
    t.after(async () => {
      if (containers.length > 0) await gocker(['rm', '-f', ...containers])
      if (networks.length > 0) await output(['network', 'rm', '-f', ...networks])
    })
    return { containers, networks }
  }
  return {
    root,
    gocker,
    output,
    start,
    async serve(t, name, ...flags) {
      afterwards(t).containers.push(name)
      const id = (await output(['run', '-d', '--name', name, ...flags, 'debian', ...server(name)])).trim()
      await until(async () => (await ask(id, '127.0.0.1')) !== undefined)
      return id
    },
    removed: (t, ...names) => afterwards(t).containers.push(...names),
    async network(t, name, ...flags) {
      afterwards(t).networks.push(name)
      await output(['network', 'create', ...flags, name])
    },
    ask,
    isSilent: async (from, address, port = PORT) => connectFrom(pidOf(from), { address, port, protocol: 'tcp', seconds: 1 }) === undefined,
    inside: async (from, ...command) => run([...enter(pidOf(from)), ...command]),
  }
}

/** Waits until something is so. */
export async function until(isSo: () => Promise<boolean> | boolean, patience = 20_000): Promise<void> {
  const end = Date.now() + patience
  while (!(await isSo())) {
    if (Date.now() > end) assert.fail(`it did not come to be in ${patience} ms`)
    await delay(20)
  }
}

function enter(pid: number): string[] {
  return ['nsenter', `--net=/proc/${pid}/ns/net`]
}

/** By its name or id. */
function pidOfContainer(root: string, nameOrId: string): number {
  const id = /^[0-9a-f]{64}$/.test(nameOrId) ? nameOrId : basename(readlinkSync(join(root, 'store', 'names', nameOrId)))
  return (JSON.parse(readFileSync(join(root, 'run', id, 'state.json'), 'utf8')) as { pid: number }).pid
}

/** With a server in it. */
async function startNamespace(name: string): Promise<ChildProcess> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'unshare', '--net', ...server(name)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.unref()
  await once(child.stdout, 'data')
  child.stdout.destroy()
  return child
}

/** The world knows how to reach containers, and is not to get there. */
function connect(machine: number, world: number): void {
  const on = (pid: number, text: string) => run([...enter(pid), 'sh', '-ec', text])
  on(machine, `ip link set lo up; ip link add uplink type veth peer name eth0 netns ${world}`)
  for (const [pid, link, address, address6] of [
    [machine, 'uplink', ADDRESSES.machine, ADDRESSES.machine6],
    [world, 'eth0', ADDRESSES.world, ADDRESSES.world6],
  ] as const)
    on(
      pid,
      `ip link set lo up; ip link set ${link} up; ip addr add ${address}/24 dev ${link}; ip addr add ${address6}/64 dev ${link} nodad`,
    )
  on(world, `ip route add 172.16.0.0/12 via ${ADDRESSES.machine}; ip route add fd00::/8 via ${ADDRESSES.machine6}`)
}

/** What a test has made, in the order in which it goes. */
interface Left {
  readonly containers: string[]
  readonly networks: string[]
}

interface Question {
  readonly address: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  readonly seconds: number
}

function connectFrom(pid: number, { address, port, protocol, seconds }: Question): string | undefined {
  const script = 'exec 3<>"/dev/$0/$1/$2" && { [ "$0" = tcp ] || echo >&3; } && head -n 1 <&3'
  const command = [...enter(pid), 'timeout', `${seconds}`, 'bash', '-c', script, protocol, address, `${port}`]
  const { stdout } = spawnSync(command[0] as string, command.slice(1), { encoding: 'utf8' })
  return stdout === '' ? undefined : stdout.trim()
}

function run([program = '', ...args]: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' })
}
