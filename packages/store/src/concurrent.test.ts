import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { ended, startTask } from './testing/child.ts'
import { temporaryStore } from './testing/temporary-store.ts'

const PROCESSES = 20
const numbers = Array.from({ length: PROCESSES }, (_, number) => number)

test('twenty processes that tag images and create containers at once lose nothing, with prunes in between', async (t) => {
  const store = await temporaryStore(t)
  const children = numbers.map((number) => startTask(store, 'tagAndCreate', `${number}`))
  const all = Promise.all(children.map(ended))
  const pruned = [await store.prune(), await store.prune()]
  assert.deepEqual(
    await all,
    numbers.map(() => 0),
  )
  assert.deepEqual(
    pruned.flatMap(({ failed }) => failed),
    [],
  )
  const images = await store.images.list()
  assert.equal(images.length, PROCESSES)
  for (const number of numbers) {
    const image = await store.images.get(`example.org/image:${number}`)
    assert.deepEqual(image.config.config?.Cmd, ['cat', 'shared', `own ${number}`])
    assert.equal((await store.containers.get(`container-${number}`)).image?.id, image.id)
  }
  assert.equal(images.filter(({ references }) => references.includes('example.org/moving:latest')).length, 1)
  const containers = await store.containers.list()
  assert.equal(containers.length, 2 * PROCESSES)
  assert.equal(new Set(containers.map(({ name }) => name)).size, 2 * PROCESSES)
  for (const record of containers) assert.deepEqual(await store.containers.get(record.name), record)
})

test('of many processes that want one name, one gets it', async (t) => {
  const store = await temporaryStore(t)
  const said = await Promise.all(numbers.slice(0, 8).map(() => text(startTask(store, 'takeOneName').stdout as NodeJS.ReadableStream)))
  assert.deepEqual(said.sort(), ['mine', ...numbers.slice(1, 8).map(() => 'NAME_TAKEN')].sort())
  assert.equal((await store.containers.list()).length, 1)
})
