import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Digest, digestOf } from '@gocker/oci'
import { temporaryDirectory } from '@gocker/testkit'
import type { Store } from './index.ts'
import { temporaryStore } from './testing/temporary-store.ts'

const diffID = digestOf('layer')

/** Keeps a layer that is an image with one file in a directory. */
async function keepImage(t: TestContext, store: Store, id: Digest = diffID): Promise<void> {
  const tree = temporaryDirectory(t)
  mkdirSync(join(tree, 'd'))
  writeFileSync(join(tree, 'd', 'file'), `of ${id}`)
  const draft = await store.layers.draft()
  execFileSync('mkfs.erofs', [draft.image, tree], { stdio: 'pipe' })
  await draft.commit(id, { form: 'erofs' })
}

async function keepDirectory(store: Store, id: Digest = diffID): Promise<void> {
  const draft = await store.layers.draft()
  writeFileSync(join(draft.dir, 'file'), `of ${id}`)
  await draft.commit(id)
}

test('a layer that is an image is a file and an empty directory, and both go with it', async (t) => {
  const store = await temporaryStore(t)
  const { layers, paths } = store
  await keepImage(t, store)
  assert.equal(await layers.has(diffID), true)
  assert.deepEqual(await layers.list(), [diffID])
  assert.deepEqual(readdirSync(layers.path(diffID)), [])
  const size = await layers.size(diffID)
  assert.ok(size >= 4096)
  assert.ok((await layers.remove(diffID)) >= size)
  assert.deepEqual(readdirSync(join(paths.layers, 'sha256')), [])
  assert.deepEqual(readdirSync(paths.temporary), [])
})

test('images are told from directories, also by what is in them', async (t) => {
  const store = await temporaryStore(t)
  const { layers, paths } = store
  const other = digestOf('other')
  await keepImage(t, store)
  await keepDirectory(store, other)
  const image = { image: paths.layerImage(diffID), directory: layers.path(diffID) }
  assert.deepEqual(layers.images([...layers.stack([diffID, other]), `${layers.path(diffID)}/d`]), [image])
  // A directory of the user's with a file of that name beside it is none of ours.
  const place = temporaryDirectory(t)
  writeFileSync(`${place}/x.erofs`, '')
  assert.deepEqual(layers.images([`${place}/x`, place]), [])
})

test('files of both forms are read by their paths', async (t) => {
  const store = await temporaryStore(t)
  const { layers } = store
  const other = digestOf('other')
  await keepImage(t, store)
  await keepDirectory(store, other)
  const files = layers.files()
  const [directory, image, within] = files.of([layers.path(other), layers.path(diffID), `${layers.path(diffID)}/d`])
  assert.equal(directory, layers.path(other))
  assert.equal(readFileSync(`${image}/d/file`, 'utf8'), `of ${diffID}`)
  assert.deepEqual(readdirSync(`${within}`), ['file'])
  assert.deepEqual(readdirSync(layers.path(diffID)), [], 'nothing is mounted for others')
  assert.deepEqual(files.of([layers.path(diffID)]), [image], 'opened once')
  const again = layers.files()
  files.close()
  assert.deepEqual(again.of([layers.path(diffID)]), [image], 'opened once by a process')
  again.close()
  // Not at once: a container is made, and then started.
  for (const end = Date.now() + 30_000; existsSync(`${image}/d/file`); await setTimeout(20)) assert.ok(Date.now() < end, 'it stays mounted')
})

test('of two forms of a layer the first stays, alone', async (t) => {
  const store = await temporaryStore(t)
  const { layers, paths } = store
  await keepDirectory(store)
  await keepImage(t, store)
  assert.equal(existsSync(paths.layerImage(diffID)), false)
  assert.deepEqual(readdirSync(layers.path(diffID)), ['file'])
  const other = digestOf('other')
  await keepImage(t, store, other)
  await keepDirectory(store, other)
  assert.equal(existsSync(paths.layerImage(other)), true)
  assert.deepEqual(readdirSync(layers.path(other)), [])
  assert.deepEqual(readdirSync(paths.temporary), [])
})

test('an image whose maker died before its layer was seen goes with a prune, or is replaced', async (t) => {
  const store = await temporaryStore(t)
  const { layers, paths } = store
  const other = digestOf('other')
  mkdirSync(join(paths.layers, 'sha256'), { recursive: true })
  for (const id of [diffID, other]) writeFileSync(paths.layerImage(id), 'half')
  assert.deepEqual(await layers.list(), [])
  await keepDirectory(store, other)
  assert.equal(existsSync(paths.layerImage(other)), false)
  const { removed, failed } = await store.prune()
  assert.deepEqual(failed, [])
  assert.ok(removed.some(({ kind, name }) => kind === 'temporary' && name === paths.layerImage(diffID)))
  assert.equal(existsSync(paths.layerImage(diffID)), false)
})

test('a prune removes an image that nothing uses, and frees what it took', async (t) => {
  const store = await temporaryStore(t)
  await keepImage(t, store)
  const size = await store.layers.size(diffID)
  const { removed } = await store.prune()
  const found = removed.find(({ kind }) => kind === 'layer')
  assert.equal(found?.name, diffID)
  assert.ok((found?.size ?? 0) >= size)
  assert.deepEqual(readdirSync(join(store.paths.layers, 'sha256')), [])
})
