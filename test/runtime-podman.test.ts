import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { busyboxRootfs, type CommandResult, makeTemporaryDirectory, openTerminal, removeTree, startCommand } from '@gocker/testkit'
import { writeExecutable } from './support/bundles.ts'

const root = makeTemporaryDirectory()
const executable = join(root, 'gocker-runtime')
const settings = join(root, 'containers.conf')
const env = { ...process.env, CONTAINERS_CONF: settings, TERM: 'xterm' }
const storage = ['--root', join(root, 'root'), '--runroot', join(root, 'run'), '--tmpdir', join(root, 'tmp'), '--storage-driver', 'vfs']
const command = ['podman', ...storage, '--cgroup-manager', 'cgroupfs', '--events-backend', 'none', '--runtime', executable]

const podman = (words: readonly string[], input?: string | Uint8Array): Promise<CommandResult> =>
  startCommand([...command, ...words], { env, ...(input !== undefined && { input }) }).result
const run = (words: readonly string[], input?: string) => podman(['run', '--network', 'none', ...words], input)

before(async () => {
  // It asks for more descriptors and processes than a machine of tests may have.
  writeFileSync(settings, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n')
  mkdirSync(join(root, 'tmp'))
  writeExecutable(executable)
  const { code, stderr } = await podman(['import', '-', 'busybox'], busyboxRootfs())
  assert.equal(code, 0, stderr)
})

after(async () => {
  await podman(['rm', '--all', '--force', '--time', '0'])
  // What it keeps mounted for itself.
  for (const name of ['root/overlay', 'root']) spawnSync('umount', [join(root, name)], { stdio: 'ignore' })
  removeTree(root)
})

test('podman runs a command, with its limits, and hears how it ended', async () => {
  const script = 'id -u; cat; grep CapEff /proc/self/status; touch /x 2>/dev/null || echo refused; exit 7'
  const flags = ['--rm', '-i', '--user', '1000', '--cap-drop', 'all', '--read-only', '--memory', '64m']
  const { code, stdout, stderr } = await run([...flags, 'busybox', 'sh', '-c', script], 'typed\n')
  assert.deepEqual([code, stdout], [7, '1000\ntyped\nCapEff:\t0000000000000000\nrefused\n'], stderr)
})

test('podman hears that there is no such command', async () => {
  const { code, stderr } = await run(['--rm', 'busybox', 'nosuch'])
  assert.equal(code, 127, stderr)
  assert.match(stderr, /executable file not found in \$PATH/)
})

test('podman enters a container, and stops it', async () => {
  const started = await run(['--detach', '--name', 'kept', 'busybox', 'sh', '-c', 'trap "exit 3" TERM; sleep 1000 & touch /ready; wait'])
  assert.equal(started.code, 0, started.stderr)
  const executed = await podman(
    ['exec', '-i', '--workdir', '/tmp', 'kept', 'sh', '-c', 'until [ -e /ready ]; do sleep 0.1; done; pwd; cat; exit 5'],
    'typed\n',
  )
  assert.deepEqual([executed.code, executed.stdout], [5, '/tmp\ntyped\n'], executed.stderr)
  const stopped = await podman(['stop', '--time', '60', 'kept'])
  assert.equal(stopped.code, 0, stopped.stderr)
  assert.equal((await podman(['inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', 'kept'])).stdout, 'exited 3\n')
})

test('podman gets the terminal of a container', async () => {
  await using terminal = await openTerminal([...command, 'run', '--rm', '-it', '--network', 'none', 'busybox', 'sh'], { env })
  await terminal.waitFor(/^\/ #/m, 60_000)
  await terminal.type('tty; stty size; echo done\n')
  assert.match(await terminal.waitFor(/^done$/m, 60_000), /^\/dev\/pts\/0\n24 80$/m)
})
