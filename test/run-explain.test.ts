import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { busyboxRootfs, gocker, leaks, startCommand, temporaryDirectory } from '@gocker/testkit'
import { whyNoUsers } from './support/ordinary-user.ts'
import { gockerUnderTest, refused, runFixture, succeeded } from './support/running.ts'

const { run, output, root } = runFixture('busybox')

test('--explain prints the program with its pages, and makes nothing', async () => {
  const watch = leaks(root)
  const text = await output(['--explain', '--memory', '64m', '-v', `${root}/not-made:/data`, 'busybox', 'echo', 'never printed'])
  for (const part of ['clone(2)', 'pivot_root(2)', 'mount(2)', 'execve(2)', 'seccomp(2)', 'CLONE_NEWPID', 'memory'])
    assert.ok(text.includes(part), part)
  assert.match(text, /echo never printed/)
  assert.doesNotMatch(text, /^never printed/m)
  const made = ['store/containers', 'run'].flatMap((name) => readdirSync(join(root, name)))
  assert.deepEqual(
    made.filter((name) => /^[0-9a-f]{64}$/.test(name)),
    [],
  )
  assert.equal(readdirSync(root).includes('not-made'), false)
  assert.deepEqual(watch.found(), [])
})

test('each step of the isolation is told in its order', async () => {
  const text = await output(['--explain', 'busybox', 'true'])
  const order = ['make the first process', 'mount overlay', 'pivot_root', 'mount proc', 'filter system calls', 'execve']
  const places = order.map((part) => text.indexOf(part))
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
  assert.ok(
    places.every((place) => place >= 0),
    `${places}`,
  )
})

test('flags change the program', async () => {
  const [plain, host] = [
    await output(['--explain', 'busybox', 'true']),
    await output(['--explain', '--network', 'host', 'busybox', 'true']),
  ]
  assert.ok(plain.includes('CLONE_NEWNET'))
  assert.ok(!host.includes('CLONE_NEWNET'))
  refused(await run(['--explain', '-m', 'much', 'busybox', 'true']), 125, /memory "much"/)
})

/** An ordinary user, with a store that he may read and a run directory of his own. */
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']

test('an ordinary user has it explained with what is different in a user namespace, and runs nothing of a store that is not his', async (t) => {
  const directory = temporaryDirectory(t)
  // As an ordinary user has them: he cannot mount images.
  succeeded(await gocker(['import', '--layer-format', 'directory', '-', 'busybox'], { root: directory, input: busyboxRootfs() }))
  execFileSync('install', ['-d', '-o', '65534', join(directory, 'home')])
  execFileSync('chmod', ['-R', 'a+rX', directory])
  const env = { PATH: process.env.PATH, GOCKER_ROOT: join(directory, 'store'), GOCKER_RUN: join(directory, 'home/run') }
  const asNobody = (...words: string[]) => startCommand([...NOBODY, ...gockerUnderTest(), 'run', ...words], { env }).result
  const { code, stdout, stderr } = await asNobody('--explain', 'busybox', 'true')
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /pivot_root\(2\)/)
  if (whyNoUsers() === false) assert.match(stdout, /its devices, since in a user namespace none can be made/)
  const { code: failed, stderr: said } = await asNobody('--network', 'none', 'busybox', 'true')
  assert.equal(failed, 125)
  assert.match(said, /permission denied|making a user namespace/i)
})
