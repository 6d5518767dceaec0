import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  busyboxRootfs,
  type CommandResult,
  imageLayout,
  makeTemporaryDirectory,
  type RunningCommand,
  removeTree,
  startCommand,
} from '@gocker/testkit'
import { removeCgroup, until, writeExecutable } from './support/bundles.ts'

const root = makeTemporaryDirectory()
const executable = join(root, 'gocker-runtime')
const address = join(root, 'socket')
const namespace = basename(root)
const image = 'docker.io/library/busybox:latest'
let engine: RunningCommand | undefined

const ctr = (words: readonly string[]): Promise<CommandResult> =>
  startCommand(['ctr', '--address', address, '--namespace', namespace, ...words], {}).result

before(async () => {
  writeExecutable(executable)
  const settings = join(root, 'config.toml')
  const places = `root = "${root}/root"\nstate = "${root}/state"\n`
  writeFileSync(settings, `version = 2\n${places}disabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "${address}"\n`)
  engine = startCommand(['containerd', '--config', settings], { timeout: 600_000 })
  await until('containerd answers', async () => (await ctr(['version'])).code === 0)
  const layout = join(root, 'layout')
  mkdirSync(layout)
  imageLayout(layout, { layers: [busyboxRootfs()] })
  const archive = join(root, 'image.tar')
  assert.equal(spawnSync('tar', ['-cf', archive, '-C', layout, '.']).status, 0)
  const { code, stderr } = await ctr(['images', 'import', '--snapshotter', 'native', '--index-name', image, archive])
  assert.equal(code, 0, stderr)
})

after(async () => {
  await ctr(['task', 'kill', '--signal', 'KILL', 'kept'])
  await ctr(['task', 'delete', '--force', 'kept'])
  engine?.child.kill('SIGTERM')
  await engine?.result
  // It names groups after itself, and leaves the one around them.
  removeCgroup(`/${namespace}`)
  rmSync(`/run/containerd/runc/${namespace}`, { recursive: true, force: true })
  removeTree(root)
})

const run = (flags: readonly string[], name: string, words: readonly string[]) =>
  ctr(['run', '--snapshotter', 'native', '--runc-binary', executable, ...flags, image, name, ...words])

test('containerd runs a command, and hears how it ended', async () => {
  const { code, stdout, stderr } = await run(['--rm', '--env', 'A=b'], 'once', ['/bin/sh', '-c', 'echo $A; exit 9'])
  assert.deepEqual([code, stdout], [9, 'b\n'], stderr)
})

test('containerd hears that there is no such command', async () => {
  const { code, stderr } = await run(['--rm'], 'none', ['nosuch'])
  assert.equal(code, 1)
  assert.match(stderr, /exec: "nosuch": executable file not found in \$PATH/)
})

test('containerd enters a container, pauses it, and kills it', async () => {
  const started = await run(['--detach'], 'kept', ['/bin/sleep', '1000'])
  assert.equal(started.code, 0, started.stderr)
  const executed = await ctr(['task', 'exec', '--exec-id', 'more', 'kept', '/bin/sh', '-c', 'echo inside; exit 5'])
  assert.deepEqual([executed.code, executed.stdout], [5, 'inside\n'], executed.stderr)
  const status = async () => (await ctr(['task', 'ls'])).stdout.match(/^kept +\d+ +(\w+)/m)?.[1]
  await ctr(['task', 'pause', 'kept'])
  assert.equal(await status(), 'PAUSED')
  await ctr(['task', 'resume', 'kept'])
  assert.equal(await status(), 'RUNNING')
  await ctr(['task', 'kill', '--signal', 'KILL', 'kept'])
  await until('it has stopped', async () => (await status()) === 'STOPPED')
  assert.match((await ctr(['task', 'delete', 'kept'])).stderr, /exit code 137/)
  assert.equal((await ctr(['container', 'delete', 'kept'])).code, 0)
})
