import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { makeTemporaryDirectory, removeTree, temporaryDirectory } from '../temporary-directory.ts'
import { killTied, spawnTied } from '../tied-process.ts'
import { leaks } from './leaks.ts'
import { mounts } from './mounts.ts'

const asRoot = { skip: process.getuid?.() !== 0 && 'needs root' }

test('where nothing is left nothing is found', async (t) => {
  const watch = leaks(temporaryDirectory(t))
  execFileSync('true')
  assert.deepEqual(watch.found(), [])
  await watch.assertNone()
})

test('a mount is found until it is gone', asRoot, async (t) => {
  const root = temporaryDirectory(t)
  const watch = leaks(root)
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', root])
  try {
    assert.deepEqual(watch.found(), [`mount ${root} (tmpfs)`])
    await assert.rejects(watch.assertNone(100), /left behind:\nmount /)
  } finally {
    execFileSync('umount', [root])
  }
  await watch.assertNone()
})

test('a process is found by its environment', async (t) => {
  const root = temporaryDirectory(t)
  await isFound(root, () => spawnTied(['sleep', '1000'], { env: { ...process.env, GOCKER_ROOT: root }, stdio: 'ignore' }))
})

test('a process is found by its own mounts', asRoot, async (t) => {
  const root = temporaryDirectory(t)
  await isFound(root, () => {
    const command = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs "$(cat)" && exec sleep 1000']
    const child = spawnTied(command, { stdio: ['pipe', 'ignore', 'inherit'] })
    child.stdin?.end(root)
    return child
  })
})

test('an empty control group is found', asRoot, async (t) => {
  const hierarchy = mounts().find(({ type }) => type === 'cgroup' || type === 'cgroup2')?.point
  if (hierarchy === undefined) return t.skip('no control groups here')
  const watch = leaks(temporaryDirectory(t))
  const path = join(hierarchy, 'gocker', `testkit-${process.pid}`)
  mkdirSync(path, { recursive: true })
  try {
    assert.ok(watch.found().includes(`control group ${path}`))
  } finally {
    rmdirSync(path)
  }
  assert.equal(watch.found().includes(`control group ${path}`), false)
})

test("a group of another gocker's container is none of ours", asRoot, async (t) => {
  const hierarchy = mounts().find(({ type }) => type === 'cgroup' || type === 'cgroup2')?.point
  if (hierarchy === undefined) return t.skip('no control groups here')
  const [root, other] = [temporaryDirectory(t), temporaryDirectory(t)]
  const [watch, othersWatch] = [leaks(root), leaks(other)]
  const id = randomBytes(32).toString('hex')
  const path = join(hierarchy, 'gocker', id)
  for (const [directory, made] of [
    [root, 'another'],
    [other, id],
  ] as const) {
    mkdirSync(join(directory, 'run'))
    writeFileSync(join(directory, 'run/events.log'), JSON.stringify({ Type: 'container', Action: 'create', Actor: { ID: made } }))
  }
  mkdirSync(path, { recursive: true })
  try {
    assert.deepEqual(
      [watch, othersWatch].map((one) => one.found().includes(`control group ${path}`)),
      [false, true],
    )
  } finally {
    rmdirSync(path)
  }
})

test('a network link is found', asRoot, (t) => {
  const watch = leaks(temporaryDirectory(t))
  execFileSync('ip', ['link', 'add', 'gkleak0', 'type', 'veth', 'peer', 'name', 'gkleak1'])
  try {
    assert.ok(watch.found().includes('network link gkleak0'))
  } finally {
    execFileSync('ip', ['link', 'del', 'gkleak0'])
  }
})

test('a temporary directory is found', (t) => {
  const watch = leaks(temporaryDirectory(t))
  const directory = makeTemporaryDirectory()
  try {
    assert.ok(watch.found().includes(`temporary directory ${directory}`))
  } finally {
    removeTree(directory)
  }
})

/** Nor is it taken for a leak of another root, or of one that looks at the machine when it is there already. */
async function isFound(root: string, start: () => ChildProcess): Promise<void> {
  const [watch, other] = [leaks(root), leaks(join(root, 'other'))]
  const child = start()
  const isSeen = (text: string) => text.startsWith(`process ${child.pid} `)
  try {
    while (!watch.found().some(isSeen)) await delay(10)
    assert.equal(other.found().some(isSeen), false)
    assert.equal(leaks(root).found().some(isSeen), false)
  } finally {
    await killTied(child)
  }
  await watch.assertNone()
}
