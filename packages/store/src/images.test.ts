import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Digest, digestHex, digestOf, MEDIA_TYPES } from '@gocker/oci'
import type { Store } from './index.ts'
import { makeEntry } from './index-entry.ts'
import { makeImage } from './testing/image.ts'
import { temporaryStore } from './testing/temporary-store.ts'

test('a tagged image is found by whatever names it', async (t) => {
  const { store, id, descriptor } = await storeWithDebian(t)
  const repoDigest = `docker.io/library/debian@${digestOf('index')}`
  await store.images.tag('debian:12', descriptor, { repoDigest })
  for (const name of [
    'debian',
    'debian:latest',
    'docker.io/library/debian',
    'debian:12',
    `debian@${digestOf('index')}`,
    `debian:whatever@${digestOf('index')}`,
    `debian@${descriptor.digest}`,
    id,
    digestHex(id),
    digestHex(id).slice(0, 12),
    `sha256:${digestHex(id).slice(0, 3)}`,
  ])
    assert.equal((await store.images.find(name))?.id, id, name)
  for (const name of ['debian:13', 'example.org/debian', `other@${descriptor.digest}`, digestOf('other'), 'Not A Name'])
    assert.equal(await store.images.find(name), undefined, name)
  await assert.rejects(store.images.get('nothing'), { name: 'StoreError', code: 'NOT_FOUND', hint: /gocker images/ })
})

test('a found image says all that its documents say', async (t) => {
  const { store, id, descriptor, layers } = await storeWithDebian(t)
  await store.images.tag('mine', descriptor, { repoDigest: `docker.io/library/debian@${descriptor.digest}` })
  const image = await store.images.get('debian')
  assert.equal(image.id, id)
  assert.deepEqual(image.descriptor, { ...descriptor, platform: { os: 'linux', architecture: 'amd64' } })
  assert.deepEqual(image.references, ['docker.io/library/debian:latest', 'docker.io/library/mine:latest'])
  assert.deepEqual(image.repoDigests, [`docker.io/library/debian@${descriptor.digest}`])
  assert.deepEqual(image.layers, layers)
  assert.equal(image.created, '2024-05-06T07:08:09Z')
  assert.deepEqual(image.config.config?.Cmd, ['cat', 'one', 'two'])
  assert.equal(image.size, image.manifest.config.size + 2 * 2048)
  assert.deepEqual(await store.images.list(), [image])
})

test('an image of docker media types is one like any other', async (t) => {
  const store = await temporaryStore(t)
  const { descriptor, id, layers } = await makeImage(store, ['one'], 'docker')
  assert.equal((await store.images.tag('debian', descriptor)).id, id)
  assert.equal((await store.images.get('debian')).descriptor.mediaType, MEDIA_TYPES.dockerManifest)
  assert.deepEqual((await store.prune()).removed, [])
  const removal = await store.images.remove('debian')
  assert.equal(await store.layers.has(layers[0] as Digest), false)
  assert.equal(removal.deleted.length, 3)
})

test('the beginning of two ids names neither', async (t) => {
  const { store } = await storeWithDebian(t)
  const ids = ['debian']
  for (let number = 0; new Set(ids.map((id) => id[0])).size === ids.length; number++) {
    const { id, descriptor } = await makeImage(store, [`image ${number}`])
    await store.images.add(descriptor)
    ids.push(digestHex(id))
  }
  const shared = ids.at(-1)?.[0] as string
  await assert.rejects(store.images.find(shared), { code: 'AMBIGUOUS_ID', hint: /more digits/ })
})

test('a name is preferred to an id that begins so', async (t) => {
  const { store, descriptor, id } = await storeWithDebian(t)
  const { descriptor: other, id: otherId } = await makeImage(store, ['other'])
  await store.images.tag(digestHex(id).slice(0, 8), other)
  await store.images.tag('debian', descriptor)
  assert.equal((await store.images.get(digestHex(id).slice(0, 8))).id, otherId)
})

test('what is not here is not tagged', async (t) => {
  const { store, id } = await storeWithDebian(t)
  const missing = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('missing'), size: 7 }
  await assert.rejects(store.images.tag('debian', missing), { code: 'NOT_FOUND' })
  assert.equal((await store.images.get('debian')).id, id)
})

test('a name that moves on leaves an image without a name', async (t) => {
  const { store, id } = await storeWithDebian(t)
  const newer = await makeImage(store, ['newer'])
  await store.images.tag('debian', newer.descriptor)
  const images = await store.images.list()
  assert.deepEqual(
    new Map(images.map((image) => [image.id, image.references])),
    new Map([
      [id, []],
      [newer.id, ['docker.io/library/debian:latest']],
    ]),
  )
  assert.deepEqual((await store.images.get(id)).references, [])
})

test('untag takes the name and leaves the image', async (t) => {
  const { store, id } = await storeWithDebian(t)
  await store.images.untag('debian')
  assert.equal(await store.images.find('debian'), undefined)
  assert.equal((await store.images.get(id)).id, id)
  await assert.rejects(store.images.untag('debian'), { code: 'NOT_FOUND' })
})

test('one image among a thousand is found by reading nothing of the others', async (t) => {
  const { store, descriptor, id } = await storeWithDebian(t)
  const others = Array.from({ length: 999 }, (_, number) => {
    const digest = digestOf(`absent ${number}`)
    return makeEntry({ ...descriptor, digest }, { id: digest, name: `docker.io/library/absent:${number}` })
  })
  const entry = makeEntry(descriptor, { id, name: 'docker.io/library/debian:latest' })
  writeFileSync(store.paths.index, JSON.stringify({ schemaVersion: 2, manifests: [...others, entry] }))
  assert.equal((await store.images.get('debian')).id, id)
  assert.equal((await store.images.get(id)).id, id)
  await store.images.tag('again', descriptor)
  assert.equal((await store.images.list()).length, 1)
})

test('an index that is damaged or gone is not taken for an empty one', async (t) => {
  const { store } = await storeWithDebian(t)
  writeFileSync(store.paths.index, '{"schemaVersion":2,"manif')
  await assert.rejects(store.images.list(), { code: 'CORRUPT', message: /index\.json/ })
  rmSync(store.paths.index)
  await assert.rejects(store.images.list(), { code: 'CORRUPT', message: /missing/ })
  await assert.rejects(store.prune(), { code: 'CORRUPT' })
})

test('removing by one of two names takes only the name', async (t) => {
  const { store, descriptor, id } = await storeWithDebian(t)
  await store.images.tag('mine', descriptor)
  assert.deepEqual(await store.images.remove('mine'), { untagged: ['docker.io/library/mine:latest'], deleted: [], freed: 0 })
  assert.equal((await store.images.get('debian')).id, id)
})

test('removing the last name takes the image, and leaves what another needs', async (t) => {
  const { store, blobs, layers } = await storeWithDebian(t)
  const other = await makeImage(store, ['one', 'three'])
  await store.images.tag('other', other.descriptor)
  const removal = await store.images.remove('debian')
  assert.deepEqual(removal.untagged, ['docker.io/library/debian:latest'])
  assert.ok(removal.freed > 0)
  for (const digest of blobs) assert.equal(await store.blobs.has(digest), digest === layers[0], digest)
  assert.deepEqual(await Promise.all(layers.map((layer) => store.layers.has(layer))), [true, false])
  assert.deepEqual(new Set(removal.deleted), new Set(blobs.filter((digest) => digest !== layers[0])))
  for (const digest of other.blobs) assert.equal(await store.blobs.has(digest), true)
  await assert.rejects(store.images.remove('debian'), { code: 'NOT_FOUND' })
})

test('an id with names in two repositories is removed only by force', async (t) => {
  const { store, descriptor, id } = await storeWithDebian(t)
  await store.images.tag('mine', descriptor)
  await assert.rejects(store.images.remove(id), { code: 'IN_USE', message: /debian and mine/, hint: /--force/ })
  const { untagged, deleted } = await store.images.remove(id, { force: true })
  assert.deepEqual(untagged, ['docker.io/library/debian:latest', 'docker.io/library/mine:latest'])
  assert.equal(deleted[0], id)
})

test('an image that a container uses is removed only by force, and stays usable to the container', async (t) => {
  const { store, layers, blobs } = await storeWithDebian(t)
  const { id: container, name } = await store.containers.create({ image: await store.images.get('debian') })
  await assert.rejects(store.images.remove('debian'), { code: 'IN_USE', message: new RegExp(`container ${name} uses it`) })
  const { untagged, freed } = await store.images.remove('debian', { force: true })
  assert.deepEqual(untagged, ['docker.io/library/debian:latest'])
  assert.equal(freed, 0)
  await store.prune()
  for (const layer of layers) assert.equal(await store.layers.has(layer), true)
  await store.containers.remove(container)
  await store.prune()
  for (const layer of layers) assert.equal(await store.layers.has(layer), false)
  for (const blob of blobs) assert.equal(await store.blobs.has(blob), false)
})

test('removing an image while content is being brought leaves its content', async (t) => {
  const { store, layers } = await storeWithDebian(t)
  await store.keeping(async () => {
    assert.equal((await store.images.remove('debian')).freed, 0)
    for (const layer of layers) assert.equal(await store.layers.has(layer), true)
  })
  assert.ok((await store.prune()).freed > 0)
  for (const layer of layers) assert.equal(await store.layers.has(layer), false)
})

async function storeWithDebian(t: Parameters<typeof temporaryStore>[0]): Promise<Awaited<ReturnType<typeof makeImage>> & { store: Store }> {
  const store = await temporaryStore(t)
  const image = await makeImage(store, ['one', 'two'])
  await store.images.tag('debian', image.descriptor)
  return { store, ...image }
}
