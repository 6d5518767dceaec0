import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { createCgroup, processStartTime } from '@gocker/kernel'
import { digestOf } from '@gocker/oci'
import type { PruneReport, Store } from './index.ts'
import { readEvents, writeFileAtomic } from './index.ts'
import { atWork, killed, startTask } from './testing/child.ts'
import { makeImage } from './testing/image.ts'
import { temporaryStore } from './testing/temporary-store.ts'

const STATE = { ociVersion: '1.2.0', bundle: '/bundle' }

test('a store in order loses nothing', async (t) => {
  const store = await temporaryStore(t)
  const { descriptor } = await makeImage(store, ['one'])
  await store.images.tag('debian', descriptor)
  await store.images.add((await makeImage(store, ['nameless'])).descriptor)
  await store.containers.create({ image: await store.images.get('debian') })
  assert.deepEqual(await store.prune(), { removed: [], failed: [], freed: 0, busy: false })
})

test('what nothing refers to goes, and is counted', async (t) => {
  const store = await temporaryStore(t)
  const garbage = await makeImage(store, ['shared', 'garbage'])
  const kept = await makeImage(store, ['shared'])
  await store.images.tag('kept', kept.descriptor)
  const report = await store.prune()
  const gone = garbage.blobs.filter((digest) => !kept.blobs.includes(digest))
  assert.deepEqual(names(report, 'blob'), [...gone].sort())
  assert.deepEqual(names(report, 'layer'), [garbage.layers[1]])
  assert.equal(
    report.freed,
    report.removed.reduce((total, { size }) => total + size, 0),
  )
  assert.ok(report.freed >= 3 * 4096)
  for (const digest of kept.blobs) assert.equal(await store.blobs.has(digest), true)
})

test('images without a name go when asked for, those with one when that is asked for, used ones never', async (t) => {
  const store = await temporaryStore(t)
  const [nameless, named, used] = await Promise.all(['nameless', 'named', 'used'].map((text) => makeImage(store, [text])))
  await store.images.add((nameless as NonNullable<typeof nameless>).descriptor)
  await store.images.tag('named', (named as NonNullable<typeof named>).descriptor)
  const image = await store.images.add((used as NonNullable<typeof used>).descriptor)
  await store.containers.create({ image })
  assert.deepEqual(names(await store.prune({ danglingImages: true }), 'image'), [nameless?.id])
  assert.deepEqual(names(await store.prune({ unusedImages: true }), 'image'), ['docker.io/library/named:latest'])
  assert.deepEqual(
    (await store.images.list()).map(({ id }) => id),
    [used?.id],
  )
})

test('what the build cache refers to stays until the build cache goes', async (t) => {
  const store = await temporaryStore(t)
  const { blobs, layers } = await makeImage(store, ['step'])
  await writeFileAtomic(store.paths.buildCache('key'), JSON.stringify({ blobs, layers }))
  await writeFileAtomic(store.paths.buildCache('damaged'), '{"layers":')
  assert.deepEqual((await store.prune()).removed, [])
  const report = await store.prune({ buildCache: true })
  assert.deepEqual(names(report, 'build-cache'), ['damaged.json', 'key.json'])
  assert.deepEqual(names(report, 'layer'), [...layers])
  assert.deepEqual(names(report, 'blob'), [...blobs].sort())
})

test('a container stays that is being cleaned up after, or is to be started again', async (t) => {
  const store = await temporaryStore(t)
  const self = { pid: process.pid, startTime: processStartTime(process.pid) as number }
  const gone = { pid: process.pid, startTime: 1 }
  const states = {
    draining: { status: 'running', ...gone, monitor: self },
    resting: { status: 'restarting', ...gone, sleeper: self },
    over: { status: 'running', ...gone, monitor: gone },
  } as const
  for (const [name, state] of Object.entries(states)) {
    const { id } = await store.containers.create({ name })
    await store.containers.writeState(id, { ...STATE, id, ...state })
    await store.containers.hold(id, async () => {})
  }
  assert.deepEqual(names(await store.prune({ stoppedContainers: true }), 'container'), ['over'])
})

test('what a live process is at work on stays; when it is killed, it goes', async (t) => {
  const store = await temporaryStore(t)
  const worker = startTask(store, 'holdDrafts')
  await atWork(worker)
  assert.deepEqual((await store.prune({ stoppedContainers: true })).removed, [])
  await killed(worker)
  const report = await store.prune()
  assert.deepEqual(names(report, 'container'), ['held'])
  assert.equal(names(report, 'temporary').length, 2)
  assertClean(store)
})

test('content that is being brought stays, and prune says that it was busy', async (t) => {
  const store = await temporaryStore(t)
  const bringer = startTask(store, 'keepContent')
  await atWork(bringer)
  assert.deepEqual(await store.prune(), { removed: [], failed: [], freed: 0, busy: true })
  await killed(bringer)
  assert.deepEqual(names(await store.prune(), 'blob'), [digestOf('wanted soon')])
})

test('a dead container that was to go goes, one that was not stays until all stopped ones are to go', async (t) => {
  const store = await temporaryStore(t)
  const { containers } = store
  const [going, staying, living] = await Promise.all([
    containers.create({ name: 'going', remove: true }),
    containers.create({ name: 'staying' }),
    containers.create({ name: 'living', remove: true }),
  ])
  const startTime = processStartTime(process.pid) as number
  for (const { id } of [going, staying])
    await containers.writeState(id, { ...STATE, id, status: 'running', pid: process.pid, startTime: startTime - 1 })
  await containers.writeState(living.id, { ...STATE, id: living.id, status: 'running', pid: process.pid, startTime })
  assert.deepEqual(names(await store.prune(), 'container'), ['going'])
  assert.equal(existsSync(store.paths.runDir(going.id)), false)
  assert.deepEqual(names(await store.prune({ stoppedContainers: true }), 'container'), ['staying'])
  assert.deepEqual(
    (await containers.list()).map(({ name }) => name),
    ['living'],
  )
})

test('the cgroup of a dead container goes, with the processes left inside', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async (t) => {
  const store = await temporaryStore(t)
  const { id } = await store.containers.create()
  const path = `/gocker/test-${id}`
  const cgroup = await createCgroup({ path, resources: {} })
  const inside = spawn('sleep', ['60'])
  try {
    for (const file of cgroup.procsFiles) writeFileSync(file, `${inside.pid}`)
    await store.containers.writeState(id, { ...STATE, id, status: 'running', pid: 2 ** 22 + 1, startTime: 1, cgroup: path })
    const report = await store.prune()
    assert.deepEqual(report.failed, [])
    assert.deepEqual(names(report, 'cgroup'), [path])
    assert.ok(!cgroup.procsFiles.some((file) => existsSync(file)))
    assert.deepEqual(names(await store.prune(), 'cgroup'), [])
  } finally {
    inside.kill('SIGKILL')
    await cgroup.remove()
  }
})

test('a state that names a cgroup of others is not believed', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const store = await temporaryStore(t)
  const { id } = await store.containers.create()
  const path = `/${basename(dirname(store.paths.root))}-${process.pid}-others`
  const cgroup = await createCgroup({ path, resources: {} })
  try {
    await store.containers.writeState(id, { ...STATE, id, status: 'stopped', cgroup: path })
    assert.deepEqual(names(await store.prune({ stoppedContainers: true }), 'cgroup'), [])
    assert.ok(cgroup.procsFiles.every((file) => existsSync(file)))
  } finally {
    await cgroup.remove()
  }
})

test('names, run directories, temporary files and lock files that belong to nobody go', async (t) => {
  const store = await temporaryStore(t)
  const { paths } = store
  const { id } = await store.containers.create({ name: 'here' })
  const absent = 'ab'.repeat(32)
  symlinkSync(`../containers/${absent}`, paths.containerName('absent'))
  symlinkSync(`../containers/${id}`, paths.containerName('another'))
  mkdirSync(paths.runDir(absent))
  writeFileSync(paths.stateFile(absent), '{"half')
  for (const file of [
    join(paths.root, '.index.json.0123456789abcdef.tmp'),
    join(paths.containerDir(id), '.config.json.0123456789abcdef.tmp'),
    paths.partialBlob(digestOf('a')),
  ])
    writeFileSync(file, 'half')
  writeFileSync(paths.lock(`layer-sha256-${absent}`), '')
  const report = await store.prune()
  assert.deepEqual(report.failed, [])
  assert.deepEqual(names(report, 'name'), ['absent', 'another'])
  assert.deepEqual(names(report, 'run-directory'), [absent])
  assert.equal(names(report, 'temporary').length, 3)
  assert.equal(names(report, 'lock').length, 1)
  assert.equal((await store.containers.get('here')).id, id)
  assertClean(store)
})

test('a container whose record is damaged goes', async (t) => {
  const store = await temporaryStore(t)
  const { id } = await store.containers.create()
  await store.containers.writeState(id, { ...STATE, id, status: 'stopped' })
  writeFileSync(store.paths.bundle(id).record, '')
  assert.deepEqual(names(await store.prune(), 'container'), [id])
})

test('prune can be called off', async (t) => {
  const store = await temporaryStore(t)
  writeFileSync(join(store.paths.root, '.index.json.0123456789abcdef.tmp'), 'half')
  await assert.rejects(store.prune({ signal: AbortSignal.abort(new Error('enough')) }), /enough/)
})

function names({ removed }: PruneReport, wanted: string): string[] {
  return removed
    .filter(({ kind }) => kind === wanted)
    .map(({ name }) => name)
    .sort()
}

function assertClean({ paths }: Store): void {
  assert.deepEqual(readdirSync(paths.temporary), [])
  assert.deepEqual(
    readdirSync(paths.root).filter((name) => name.endsWith('.tmp')),
    [],
  )
}

test('containers can be chosen, nothing else is touched then, and their end is told', async (t) => {
  const store = await temporaryStore(t)
  await makeImage(store, ['garbage'])
  for (const name of ['chosen', 'other']) {
    const { id } = await store.containers.create({ name, labels: { name } })
    await store.containers.writeState(id, { ...STATE, id, status: 'stopped' })
  }
  const stoppedContainers = ({ labels }: { labels: Readonly<Record<string, string>> }) => labels.name === 'chosen'
  const { removed } = await store.prune({ stoppedContainers, containersOnly: true })
  assert.deepEqual(
    removed.map(({ kind, name }) => `${kind} ${name}`),
    ['container chosen'],
  )
  const events = await Array.fromAsync(readEvents(store), ({ Action, Actor }) => `${Action} ${Actor.Attributes.name}`)
  assert.deepEqual(events, ['destroy chosen'])
})
