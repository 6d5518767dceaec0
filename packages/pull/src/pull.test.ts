import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { digestOf, hostPlatform, MEDIA_TYPES } from '@gocker/oci'
import {
  type ImageInput,
  type ImageLayout,
  imageLayout,
  inspectWithSkopeo,
  pushWithSkopeo,
  startFaultProxy,
  startRegistry,
  startTokenServer,
  temporaryDirectory,
} from '@gocker/testkit'
import type { PullEvent } from './events.ts'
import { BASE, blobRequests, bring, checkTree, emptyStore, faultyProxy, pushed, registry, TOP } from './testing/pull-fixture.ts'

test('an image that skopeo pushed arrives whole, and skopeo reads it from the store', async (t) => {
  const layout = imageLayout(temporaryDirectory(t), { layers: [BASE, TOP], config: { Cmd: ['sh'] } })
  await pushWithSkopeo(layout, `${registry.host}/by/skopeo:latest`)
  const store = await emptyStore(t)
  const events: PullEvent[] = []
  const image = await bring(`${registry.host}/by/skopeo`, store, { onEvent: (event) => events.push(event) })
  checkTree(store, layout)
  assert.deepEqual(image.references, [`${registry.host}/by/skopeo:latest`])
  assert.deepEqual(image.repoDigests, [`${registry.host}/by/skopeo@${layout.descriptor.digest}`])
  assert.deepEqual(image.layers, layout.images[0]?.diffIds)
  assert.equal(image.id, layout.images[0]?.config.digest)
  assert.deepEqual((await store.images.get(image.id)).descriptor.digest, layout.descriptor.digest)
  const inspected = await inspectWithSkopeo(`oci:${store.paths.root}:${registry.host}/by/skopeo:latest`)
  assert.deepEqual(
    inspected.Layers,
    layout.images[0]?.layers.map(({ digest }) => digest),
  )
  checkEvents(events, layout)
})

function checkEvents(events: readonly PullEvent[], { images, descriptor }: ImageLayout): void {
  const of = <Type extends PullEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<PullEvent, { type: Type }> => event.type === type)
  assert.deepEqual([events[0]?.type, events[1]?.type, events.at(-1)?.type], ['resolving', 'resolved', 'done'])
  assert.equal(of('resolved')[0]?.digest, descriptor.digest)
  for (const { digest, size } of images[0]?.layers ?? []) {
    assert.equal(of('layer-started').filter((event) => event.digest === digest && event.resumedAt === 0).length, 1)
    assert.equal(of('layer-done').filter((event) => event.digest === digest).length, 1)
    assert.equal(of('layer-progress').findLast((event) => event.digest === digest)?.transferred, size)
  }
}

const FORMS: [title: string, input: Omit<ImageInput, 'layers'>][] = [
  ['OCI, gzip', { mediaTypes: 'oci', compression: 'gzip' }],
  ['OCI, zstd', { mediaTypes: 'oci', compression: 'zstd' }],
  ['OCI, not compressed', { mediaTypes: 'oci', compression: 'none' }],
  ['docker, gzip', { mediaTypes: 'docker', compression: 'gzip' }],
  ['docker, not compressed', { mediaTypes: 'docker', compression: 'none' }],
]

for (const [title, input] of FORMS)
  test(`an image in the form ${title}`, async (t) => {
    const { name, layout } = await pushed(t, { ...input, layers: [BASE, TOP] })
    const store = await emptyStore(t)
    await bring(name, store)
    checkTree(store, layout)
  })

test("an image that skopeo turned into docker's schema 2", async (t) => {
  const layout = imageLayout(temporaryDirectory(t), { layers: [BASE, TOP] })
  await pushWithSkopeo(layout, `${registry.host}/by/skopeo-docker:latest`, { format: 'v2s2' })
  const store = await emptyStore(t)
  const image = await bring(`${registry.host}/by/skopeo-docker`, store)
  assert.equal(image.descriptor.mediaType, MEDIA_TYPES.dockerManifest)
  checkTree(store, layout)
})

const ARM = { os: 'linux', architecture: 'arm64' }
const S390 = { os: 'linux', architecture: 's390x' }

test("of an index, the image for the platform, and the index's digest for its name", async (t) => {
  const { name, layout } = await pushed(t, [
    { layers: [BASE], platform: S390 },
    { layers: [BASE, TOP], platform: ARM },
    { layers: [TOP], platform: hostPlatform() },
    { layers: [BASE], platform: { os: 'unknown', architecture: 'unknown' } },
  ])
  const store = await emptyStore(t)
  const own = await bring(name, store)
  assert.equal(own.descriptor.digest, layout.images[hostPlatform().architecture === 'arm64' ? 1 : 2]?.manifest.digest)
  assert.deepEqual(own.repoDigests, [`${name.replace(/:v1$/, '')}@${layout.descriptor.digest}`])
  const other = await bring(name, store, { platform: 'linux/s390x' })
  assert.equal(other.descriptor.digest, layout.images[0]?.manifest.digest)
  await assert.rejects(bring(name, store, { platform: 'linux/riscv64' }), {
    code: 'NO_MATCHING_PLATFORM',
    message: /made for linux\/s390x, linux\/arm64/,
  })
})

test('an image without an index is for its own platform only', async (t) => {
  const { name } = await pushed(t, { layers: [BASE], platform: S390 })
  const store = await emptyStore(t)
  await assert.rejects(bring(name, store), { code: 'NO_MATCHING_PLATFORM', hint: /--platform linux\/s390x/ })
  await bring(name, store, { platform: S390 })
})

test('an index in an index', async (t) => {
  const inner = await pushed(t, [
    { layers: [BASE], platform: S390 },
    { layers: [BASE, TOP], platform: hostPlatform() },
  ])
  const outer = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [inner.layout.descriptor] })
  const repository = inner.name.slice(registry.host.length + 1, -':v1'.length)
  const answer = await fetch(`${registry.url}/v2/${repository}/manifests/outer`, {
    method: 'PUT',
    body: outer,
    headers: { 'content-type': MEDIA_TYPES.ociIndex },
  })
  assert.equal(answer.status, 201)
  const image = await bring(`${registry.host}/${repository}:outer`, await emptyStore(t))
  assert.equal(image.descriptor.digest, inner.layout.images[1]?.manifest.digest)
  assert.deepEqual(image.repoDigests, [`${registry.host}/${repository}@${digestOf(outer)}`])
})

test('by digest', async (t) => {
  const { name, layout } = await pushed(t, { layers: [BASE] })
  const store = await emptyStore(t)
  const byDigest = `${name.replace(/:v1$/, '')}@${layout.descriptor.digest}`
  const image = await bring(byDigest, store)
  assert.deepEqual(image.repoDigests, [byDigest])
  assert.equal((await store.images.get(byDigest)).id, image.id)
})

test('what is there is not fetched again, and what is missing alone is made', async (t) => {
  const proxy = await faultyProxy(t)
  const { name, layout } = await pushed(t, { layers: [BASE, TOP] }, { host: proxy.host })
  const store = await emptyStore(t)
  const events: PullEvent[] = []
  const again = async () => {
    events.length = 0
    const before = blobRequests(proxy, layout).length
    await bring(name, store, { onEvent: (event) => events.push(event) })
    checkTree(store, layout)
    return blobRequests(proxy, layout).length - before
  }
  const [first] = layout.images[0]?.layers ?? []
  const [diffID] = layout.images[0]?.diffIds ?? []
  assert.ok(first !== undefined && diffID !== undefined)
  assert.equal(await again(), 2)
  assert.equal(await again(), 0)
  assert.equal(events.filter(({ type }) => type === 'layer-exists').length, 2)

  await store.layers.remove(diffID)
  assert.equal(await again(), 0)

  const { ino } = statSync(store.layers.path(diffID))
  await store.blobs.remove(first.digest)
  assert.equal(await again(), 1)
  assert.equal(statSync(store.layers.path(diffID)).ino, ino)

  await store.layers.remove(diffID)
  writeFileSync(store.blobs.path(first.digest), 'rotten')
  assert.equal(await again(), 1)
})

test('a registry with tokens: a user, a stranger, and a token that the registry takes for a second', async (t) => {
  const lives = { users: { alice: { password: 'wonder' } }, ttlSeconds: 300, expiresIn: 300 }
  await using tokens = await startTokenServer(lives)
  await using closed = await startRegistry({ auth: tokens.auth })
  const layout = imageLayout(temporaryDirectory(t), { layers: [BASE, TOP] })
  await pushWithSkopeo(layout, `${closed.host}/x:latest`, { creds: 'alice:wonder' })
  // Not before: skopeo does not renew a token that it believes to live.
  lives.ttlSeconds = 1
  const credentials = { kind: 'password', username: 'alice', password: 'wonder' } as const
  await using slow = await startFaultProxy(closed.url, {
    faults: [
      { path: /blobs/, kind: 'slow', bytesPerSecond: 1_500_000 },
      { path: /blobs/, nth: 3, kind: 'cut', after: 2_900_000 },
    ],
  })
  const store = await emptyStore(t)
  await bring(`${slow.host}/x`, store, { credentials, concurrency: 1 })
  checkTree(store, layout)
  await assert.rejects(bring(`${closed.host}/x`, await emptyStore(t)), { code: 'UNAUTHORIZED', hint: /gocker login/ })
  const wrong = { ...credentials, password: 'land' }
  await assert.rejects(bring(`${closed.host}/x`, await emptyStore(t), { credentials: wrong }), {
    code: 'UNAUTHORIZED',
    hint: /not accepted/,
  })
})

test('undici is loaded by the first request and not before', () => {
  const script = `
    import { createRequire } from 'node:module'
    import { registryFor } from '@gocker/pull'
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('undici'))
    const registry = registryFor({ registry: '127.0.0.1:1', repository: 'x', tag: 'v1' })
    const before = loaded()
    await registry.manifest('v1').catch(() => {})
    await registry.close()
    console.log(before, loaded())`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: new URL('../../build', import.meta.url),
    encoding: 'utf8',
  })
  assert.equal(output, 'false true\n')
})
