import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ReadEventsOptions, readEvents, recordEvent, type Store, type StoreEvent } from './index.ts'
import { ended, startTask } from './testing/child.ts'
import { makeImage } from './testing/image.ts'
import { temporaryStore } from './testing/temporary-store.ts'

test("an event is told in docker's words", async (t) => {
  const store = await temporaryStore(t)
  const before = Date.now()
  await recordEvent(store, { type: 'container', action: 'die', id: 'abc', attributes: { name: 'web', exitCode: '3' } })
  const [event] = await all(store)
  assert.ok(event !== undefined)
  const { time, timeNano, ...rest } = event
  assert.deepEqual(rest, { Type: 'container', Action: 'die', Actor: { ID: 'abc', Attributes: { name: 'web', exitCode: '3' } } })
  assert.ok(timeNano >= before * 1e6 && timeNano <= Date.now() * 1e6 && time === Math.floor(timeNano / 1e9))
})

test('a store in which nothing was done has no events', async (t) => {
  assert.deepEqual(await all(await temporaryStore(t)), [])
})

test('events are those from a time to another', async (t) => {
  const store = await temporaryStore(t)
  const line = (second: number) =>
    `${JSON.stringify({ time: second, timeNano: second * 1e9, Type: 'image', Action: `${second}`, Actor: {} })}\n`
  appendFileSync(store.paths.events, `${[1, 2, 3, 4].map(line).join('')}{"torn\n`)
  assert.deepEqual(actions(await all(store, { since: new Date(2000), until: new Date(3000) })), ['2', '3'])
  assert.deepEqual(actions(await all(store, { since: new Date(3500) })), ['4'])
})

test('who follows sees what is there, what comes, and an end', async (t) => {
  const store = await temporaryStore(t)
  const stop = new AbortController()
  await record(store, 'before')
  const seen: string[] = []
  for await (const { Action } of readEvents(store, { follow: true, signal: stop.signal })) {
    seen.push(Action)
    if (Action === 'before') await record(store, 'after')
    if (Action === 'after') stop.abort()
  }
  assert.deepEqual(seen, ['before', 'after'])
})

test('following ends at a time, too', async (t) => {
  const store = await temporaryStore(t)
  await record(store, 'one')
  assert.deepEqual(actions(await all(store, { follow: true, until: new Date(Date.now() + 50) })), ['one'])
})

test('events of processes that write at once stay whole, and the file stays bounded', async (t) => {
  const store = await temporaryStore(t)
  await Promise.all(['a', 'b', 'c'].map((name) => ended(startTask(store, 'recordEvents', name))))
  assert.ok(statSync(store.paths.events).size <= 4 * 1024 * 1024)
  const lines = readFileSync(store.paths.events, 'utf8').trimEnd().split('\n')
  const kept = actions(lines.map((line) => JSON.parse(line)))
  for (const name of ['a', 'b', 'c']) {
    const own = kept.filter((action) => action.startsWith(name))
    const all = Array.from({ length: 100 }, (_, index) => `${name}${index}`)
    assert.deepEqual(own, own.length === 0 ? [] : all.slice(-own.length), 'the oldest went')
  }
  assert.ok(kept.length >= 90)
})

test('who follows misses nothing, and sees nothing twice, when the older half is forgotten', async (t) => {
  const store = await temporaryStore(t)
  const names = Array.from({ length: 120 }, (_, index) => `${index}`)
  const attributes = { padding: 'x'.repeat(50_000) }
  const seen: string[] = []
  await record(store, '0', attributes)
  const inode = statSync(store.paths.events).ino
  for await (const { Action } of readEvents(store, { follow: true })) {
    seen.push(Action)
    const next = names[seen.length]
    if (next === undefined) break
    await record(store, next, attributes)
  }
  assert.deepEqual(seen, names)
  assert.notEqual(statSync(store.paths.events).ino, inode)
})

test('what cannot be written down fails nothing', async (t) => {
  const store = await temporaryStore(t)
  await recordEvent({ paths: { ...store.paths, events: join(store.paths.index, 'events') } }, { type: 'image', action: 'pull', id: 'x' })
})

async function record(store: Store, action: string, attributes = {}): Promise<void> {
  await recordEvent(store, { type: 'container', action, id: 'abc', attributes })
}

async function all(store: Store, options: ReadEventsOptions = {}): Promise<StoreEvent[]> {
  return await Array.fromAsync(readEvents(store, options))
}

function actions(events: readonly StoreEvent[]): string[] {
  return events.map(({ Action }) => Action)
}

test('names that images get and lose are told', async (t) => {
  const store = await temporaryStore(t)
  const { descriptor, id } = await makeImage(store, ['one'])
  await store.images.tag('debian', descriptor)
  await store.images.tag('localhost:5000/x:v1', descriptor)
  await store.images.remove('debian')
  await store.images.remove(id)
  const told = (await all(store)).map(({ Type, Action, Actor }) => [Type, Action, Actor.Attributes.name])
  assert.deepEqual(told, [
    ['image', 'tag', 'debian:latest'],
    ['image', 'tag', 'localhost:5000/x:v1'],
    ['image', 'untag', 'debian:latest'],
    ['image', 'untag', 'localhost:5000/x:v1'],
    ['image', 'delete', id],
  ])
})
