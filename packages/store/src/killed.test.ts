import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { digestHex } from '@gocker/oci'
import { listDigests } from './digest-directory.ts'
import { openStore, type Store } from './index.ts'
import { atWork, killed, startTask } from './testing/child.ts'
import { temporaryStore } from './testing/temporary-store.ts'

const KILLS = 20

test('whoever writes is killed at any moment: what is seen is whole, and prune leaves nothing else', async (t) => {
  const { paths } = await temporaryStore(t)
  const options = { root: paths.root, run: paths.run }
  for (let kill = 0; kill < KILLS; kill++) {
    const store = await openStore(options)
    const worker = startTask(store, 'everything', `${kill}`)
    await atWork(worker)
    await setTimeout(Math.random() * 50)
    await killed(worker)
    await assertWhole(await openStore(options))
  }
  const store = await openStore(options)
  const { failed, busy } = await store.prune({ danglingImages: true })
  assert.deepEqual(failed, [])
  assert.equal(busy, false)
  await assertOnlyTheImage(store)
})

async function assertWhole(store: Store): Promise<void> {
  for (const digest of await listDigests(store.paths.blobs)) await store.blobs.read(digest)
  for (const diffID of await store.layers.list()) assert.deepEqual(readdirSync(store.layers.path(diffID)), ['text'])
  const image = await store.images.get('moving')
  for (const layer of image.layers) assert.equal(await store.layers.has(layer), true)
  for (const record of await store.containers.list()) assert.deepEqual(await store.containers.get(record.name), record)
}

async function assertOnlyTheImage(store: Store): Promise<void> {
  const { paths } = store
  const [image, ...others] = await store.images.list()
  assert.deepEqual(others, [])
  assert.deepEqual(image?.references, ['docker.io/library/moving:latest'])
  const blobs = [image.descriptor, image.manifest.config, ...image.manifest.layers].map(({ digest }) => digestHex(digest))
  assert.deepEqual(readdirSync(`${paths.blobs}/sha256`).sort(), blobs.sort())
  const layers = image.layers.map(digestHex)
  assert.deepEqual(readdirSync(`${paths.layers}/sha256`).sort(), layers.flatMap((hex) => [hex, `${hex}.json`]).sort())
  for (const directory of [paths.temporary, paths.containers, paths.names]) assert.deepEqual(readdirSync(directory), [], directory)
  assert.deepEqual(readdirSync(paths.run), ['events.log'])
  assert.deepEqual(readdirSync(paths.locks).sort(), ['containers.lock', 'garbage.lock', 'images.lock'])
  const inRoot = ['blobs', 'containers', 'index.json', 'layers', 'locks', 'names', 'oci-layout', 'tmp', 'volumes']
  assert.deepEqual(readdirSync(paths.root).sort(), inRoot)
}
