import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { busyboxRootfs, type CommandResult, makeTemporaryDirectory, openTerminal, removeTree, startCommand } from '@gocker/testkit'
import { removeCgroup, until, writeExecutable } from './support/bundles.ts'

const root = makeTemporaryDirectory()
const executable = join(root, 'gocker-runtime')
const address = `unix://${join(root, 'socket')}`
const command = ['/usr/bin/docker', '--host', address]
// Without anything of the caller's settings.
const env = { PATH: process.env.PATH, HOME: root, TERM: 'xterm' }
const log = join(root, 'log')
let engine: ChildProcess | undefined

const docker = (words: readonly string[], input?: string | Uint8Array): Promise<CommandResult> =>
  startCommand([...command, ...words], { env, ...(input !== undefined && { input }) }).result
const run = (words: readonly string[], input?: string) => docker(['run', '--runtime', 'gocker', ...words], input)

/** Its links, its packet filter, its mounts and what it keeps in /run go with it: they are in namespaces of its own. */
function startEngine(): ChildProcess {
  const places = ['--data-root', join(root, 'data'), '--exec-root', join(root, 'exec'), '--pidfile', join(root, 'pid')]
  const flags = [
    '--host',
    address,
    '--storage-driver',
    'vfs',
    '--add-runtime',
    `gocker=${executable}`,
    '--cgroup-parent',
    `/${basename(root)}`,
  ]
  const own = ['--net', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc']
  const words = [...own, 'sh', '-c', 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"', 'sh', 'dockerd', ...places, ...flags]
  const output = openSync(log, 'w')
  try {
    return spawn('unshare', words, { stdio: ['ignore', output, output], env })
  } finally {
    closeSync(output)
  }
}

before(async () => {
  writeExecutable(executable)
  engine = startEngine()
  await until('docker answers', async () => {
    if (engine?.exitCode !== null) throw new Error(`dockerd has ended: ${readFileSync(log, 'utf8')}`)
    return (await docker(['version'])).code === 0
  })
  const { code, stderr } = await docker(['import', '-', 'busybox'], busyboxRootfs())
  assert.equal(code, 0, stderr)
})

after(async () => {
  const { stdout } = await docker(['ps', '--all', '--quiet'])
  if (stdout !== '') await docker(['rm', '--force', ...stdout.trim().split('\n')])
  if (engine !== undefined && engine.exitCode === null && engine.signalCode === null) {
    const ended = once(engine, 'exit')
    engine.kill('SIGKILL')
    await ended
  }
  removeCgroup(`/${basename(root)}`)
  removeTree(root)
})

test('docker runs a command with its limits, and hears how it ended', async () => {
  const script = 'cat; cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max; exit 7'
  const { code, stdout, stderr } = await run(['--rm', '-i', '--memory', '64m', 'busybox', 'sh', '-c', script], 'typed\n')
  assert.deepEqual([code, stdout], [7, `typed\n${64 * 1024 * 1024}\n`], stderr)
})

test('docker hears that there is no such command', async () => {
  const { code, stderr } = await run(['--rm', 'busybox', 'nosuch'])
  assert.equal(code, 127, stderr)
  assert.match(stderr, /exec: "nosuch": executable file not found in \$PATH/)
})

test('docker enters a container, connects it, and kills it', async () => {
  const serve = 'mkdir /web && echo served > /web/index.html && exec httpd -f -p 80 -h /web'
  const started = await run(['--detach', '--name', 'kept', '--publish', '127.0.0.1:8080:80', 'busybox', 'sh', '-c', serve])
  assert.equal(started.code, 0, started.stderr)
  const executed = await docker(['exec', '-i', '--workdir', '/tmp', 'kept', 'sh', '-c', 'pwd; cat; exit 5'], 'typed\n')
  assert.deepEqual([executed.code, executed.stdout], [5, '/tmp\ntyped\n'], executed.stderr)
  // Where the engine is: the network of this machine has nothing to do with it.
  const [child = ''] = readFileSync(`/proc/${engine?.pid}/task/${engine?.pid}/children`, 'utf8').split(' ')
  const ask = ['nsenter', '--net', '--target', child, 'busybox', 'wget', '-q', '-O', '-', 'http://127.0.0.1:8080/']
  await until('it serves', async () => (await startCommand(ask, {}).result).stdout === 'served\n')
  assert.equal((await docker(['kill', 'kept'])).code, 0)
  const state = ['inspect', '--format', '{{.State.Status}} {{.State.ExitCode}} {{.HostConfig.Runtime}}', 'kept']
  assert.equal((await docker(state)).stdout, 'exited 137 gocker\n')
})

test('docker gets the terminal of a container', async () => {
  await using terminal = await openTerminal([...command, 'run', '--rm', '-it', '--runtime', 'gocker', 'busybox', 'sh'], { env })
  await terminal.waitFor(/^\/ #/m, 60_000)
  // Its client tells the size when the command has begun.
  await terminal.type('tty; until stty size 2>/dev/null; do sleep 0.1; done\n')
  assert.match(await terminal.waitFor(/^24 80$/m, 60_000), /^\/dev\/pts\/0$/m)
})
