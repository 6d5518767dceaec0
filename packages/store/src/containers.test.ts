import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { processStartTime } from '@gocker/kernel'
import { isAlive } from './container-state.ts'
import { openStore } from './store.ts'
import { makeImage } from './testing/image.ts'
import { temporaryStore } from './testing/temporary-store.ts'

test('a container is made with its bundle and its record', async (t) => {
  const store = await temporaryStore(t)
  const { descriptor, id, layers } = await makeImage(store, ['one'])
  const image = await store.images.tag('debian', descriptor)
  const options = { image, imageName: 'debian', name: 'first', remove: true, labels: { a: 'b' }, options: { tty: true, command: ['sh'] } }
  const record = await store.containers.create(options)
  assert.match(record.id, /^[0-9a-f]{64}$/)
  assert.deepEqual(record.image, { name: 'debian', id, manifest: descriptor.digest, layers })
  assert.deepEqual(record.options, { tty: true, command: ['sh'] })
  assert.deepEqual(readdirSync(record.dir).sort(), ['container.json', 'rootfs', 'upper', 'work'])
  assert.equal(statSync(join(record.dir, 'upper')).mode & 0o777, 0o755)
  const { dir: _, ...kept } = record
  assert.deepEqual(JSON.parse(readFileSync(store.paths.bundle(record.id).record, 'utf8')), kept)
  for (const text of [record.id, 'first', record.id.slice(0, 12), record.id.slice(0, 1)])
    assert.deepEqual(await store.containers.get(text), record)
  assert.deepEqual(await store.containers.list(), [record])
})

test('made-up names are of two words, and no two are the same', async (t) => {
  const { containers } = await temporaryStore(t)
  const records = await Promise.all(Array.from({ length: 50 }, () => containers.create()))
  for (const { name } of records) assert.match(name, /^[a-z]+_[a-z]+(_[0-9a-f]{4})?$/)
  assert.equal(new Set(records.map(({ name }) => name)).size, 50)
  for (const record of records) assert.deepEqual(await containers.get(record.name), record)
})

test('a name is given once, and free again when its container is gone', async (t) => {
  const { containers, paths } = await temporaryStore(t)
  const { id } = await containers.create({ name: 'one' })
  await assert.rejects(containers.create({ name: 'one' }), { name: 'StoreError', code: 'NAME_TAKEN', hint: /gocker rm one/ })
  assert.deepEqual(readdirSync(paths.temporary), [])
  assert.ok((await containers.remove(id)) > 0)
  assert.equal(await containers.remove(id), 0)
  assert.equal(await containers.find('one'), undefined)
  await containers.create({ name: 'one' })
})

test('a name whose container never came to be is free', async (t) => {
  const { containers, paths } = await temporaryStore(t)
  mkdirSync(paths.names)
  symlinkSync(`../containers/${'ab'.repeat(32)}`, paths.containerName('one'))
  assert.equal(await containers.find('one'), undefined)
  const { id } = await containers.create({ name: 'one' })
  assert.equal((await containers.get('one')).id, id)
})

for (const name of ['', 'a', '-a', '_a', 'a b', '../a', 'a/b', 'é', 'a'.repeat(129)])
  test(`${JSON.stringify(name.slice(0, 9))} is no name for a container`, async (t) => {
    const { containers } = await temporaryStore(t)
    await assert.rejects(containers.create({ name }), { code: 'INVALID_NAME' })
    assert.equal(await containers.find(name), undefined)
    assert.deepEqual(await containers.list(), [])
  })

test('what names no container, or two', async (t) => {
  const { containers } = await temporaryStore(t)
  await assert.rejects(containers.get('nothing'), { code: 'NOT_FOUND', hint: /gocker ps -a/ })
  const records = await Promise.all(Array.from({ length: 17 }, () => containers.create()))
  const firsts = records.map(({ id }) => id.slice(0, 1))
  const shared = firsts.find((first, position) => firsts.indexOf(first) !== position) as string
  await assert.rejects(containers.get(shared), { code: 'AMBIGUOUS_ID', hint: /more digits/ })
})

test('an image that was removed after it was found makes no container', async (t) => {
  const store = await temporaryStore(t)
  const { descriptor } = await makeImage(store, ['one'])
  const image = await store.images.tag('debian', descriptor)
  await store.images.remove('debian')
  await assert.rejects(store.containers.create({ image }), { code: 'NOT_FOUND', hint: 'gocker pull docker.io/library/debian:latest' })
  assert.deepEqual(readdirSync(store.paths.temporary), [])
  assert.deepEqual(await store.containers.list(), [])
})

test('a damaged record is said when it is asked for, and does not hide the others', async (t) => {
  const { containers, paths } = await temporaryStore(t)
  const [good, bad] = await Promise.all([containers.create(), containers.create()])
  writeFileSync(paths.bundle(bad.id).record, '')
  await assert.rejects(containers.get(bad.id), { code: 'CORRUPT', hint: /prune/ })
  assert.deepEqual(await containers.list(), [good])
  await containers.remove(bad.id)
  assert.equal(existsSync(bad.dir), false)
})

test('a state is kept, replaced, and lost with the run directory', async (t) => {
  const { containers, paths } = await temporaryStore(t)
  const { id, dir } = await containers.create()
  assert.equal(await containers.readState(id), undefined)
  const state = { ociVersion: '1.2.0', id, bundle: dir, status: 'creating' } as const
  await containers.writeState(id, state)
  const running = { ...state, status: 'running', pid: 12, startTime: 34, cgroup: `/gocker/${id}` } as const
  await containers.writeState(id, running)
  assert.deepEqual(await containers.readState(id), running)
  assert.deepEqual(readdirSync(paths.runDir(id)), ['state.json'])
  rmSync(paths.run, { recursive: true })
  assert.equal(await containers.readState(id), undefined)
  await containers.writeState(id, state)
  await containers.remove(id)
  assert.equal(existsSync(paths.runDir(id)), false)
})

test('a process is told from a later one with the same number', async () => {
  const state = { ociVersion: '1.2.0', id: 'a', bundle: '/a', status: 'running' } as const
  const child = spawn('sleep', ['60'])
  const pid = child.pid as number
  const startTime = processStartTime(pid) as number
  assert.equal(isAlive({ ...state, pid, startTime }), true)
  assert.equal(isAlive({ ...state, pid, startTime: startTime + 1 }), false)
  assert.equal(isAlive(state), false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.equal(isAlive({ ...state, pid, startTime }), false)
})

test('a container is held by one at a time, and by whoever has made it', async (t) => {
  const store = await temporaryStore(t)
  const other = await openStore({ root: store.paths.root, run: store.paths.run })
  const { id } = await store.containers.create({ name: 'held' })
  const order: string[] = []
  const first = store.containers.hold(id, async () => {
    order.push('begins')
    const second = other.containers.hold(id, async () => void order.push('second'))
    await new Promise((resolve) => setTimeout(resolve, 30))
    order.push('ends')
    return { second }
  })
  await (await first).second
  assert.deepEqual(order, ['begins', 'ends', 'second'])
})

test('a container that is held is not pruned, and one that is gone cannot be held', async (t) => {
  const store = await temporaryStore(t)
  const { id } = await store.containers.create({ name: 'held', remove: true })
  await store.containers.hold(id, async () => assert.deepEqual((await store.prune({ stoppedContainers: true })).removed, []))
  assert.equal((await store.prune()).removed[0]?.name, 'held')
  await assert.rejects(
    store.containers.hold(id, async () => {}),
    { code: 'NOT_FOUND', message: /it has been removed$/ },
  )
})

test('a container is renamed, and its old name is free', async (t) => {
  const store = await temporaryStore(t)
  const { id } = await store.containers.create({ name: 'before' })
  await store.containers.create({ name: 'other' })
  assert.equal((await store.containers.change(id, { name: 'after' })).name, 'after')
  assert.equal((await store.containers.find('after'))?.id, id)
  assert.equal(await store.containers.find('before'), undefined)
  await store.containers.create({ name: 'before' })
  await assert.rejects(store.containers.change(id, { name: 'other' }), {
    code: 'NAME_TAKEN',
    message: 'renaming container after to other: another container has this name',
  })
  await assert.rejects(store.containers.change(id, { name: '-x' }), { code: 'INVALID_NAME' })
  assert.equal((await store.containers.get('after')).id, id)
})

test('what a container was asked to be can be changed', async (t) => {
  const store = await temporaryStore(t)
  const { id } = await store.containers.create({ name: 'one', options: { memory: 1 } })
  await store.containers.change(id, { options: { memory: 2 } })
  assert.deepEqual((await store.containers.get('one')).options, { memory: 2 })
})
