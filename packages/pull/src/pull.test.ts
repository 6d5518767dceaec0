import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { digestOf, hostPlatform, MEDIA_TYPES } from '@gocker/oci'
import { openStore, type Store } from '@gocker/store'
import {
  buildTar,
  compress,
  type Fault,
  type FaultProxy,
  type ImageInput,
  type ImageLayout,
  imageLayout,
  inspectWithSkopeo,
  pushLayout,
  pushWithSkopeo,
  type Registry,
  startFaultProxy,
  startRegistry,
  startTokenServer,
  temporaryDirectory,
} from '@gocker/testkit'
import type { PullEvent } from './events.ts'
import { type PullOptions, pull } from './pull.ts'
import { HASTY } from './testing/image.ts'

const BARE = { HOME: '/nonexistent', PATH: '/nonexistent' }
const BASE = buildTar([{ name: 'etc/' }, { name: 'etc/os-release', content: 'ID=test\n', mode: 0o600, uid: 7, gid: 8 }])
const NOISE = randomBytes(3_000_000)
const TOP = buildTar([{ name: 'noise', content: NOISE, mode: 0o4755 }, { name: 'etc/.wh.os-release' }])

let registry: Registry
before(async () => {
  registry = await startRegistry()
})
after(() => registry.stop())

let count = 0
/** Pushes an image as it is, under a name of its own. */
async function pushed(
  t: TestContext,
  image: ImageInput | readonly ImageInput[],
  { host = registry.host } = {},
): Promise<{ name: string; layout: ImageLayout }> {
  const layout = imageLayout(temporaryDirectory(t), image, { tag: 'v1' })
  const name = `test/image-${++count}:v1`
  await pushLayout(layout, `http://${registry.host}/${name}`)
  return { name: `${host}/${name}`, layout }
}

async function emptyStore(t: TestContext): Promise<Store> {
  const directory = temporaryDirectory(t)
  return openStore({ root: join(directory, 'root'), run: join(directory, 'run') })
}

async function faultyProxy(t: TestContext, ...faults: Fault[]): Promise<FaultProxy> {
  const proxy = await startFaultProxy(registry.url, { faults })
  t.after(() => proxy.stop())
  return proxy
}

function bring(name: string, store: Store, options: Partial<PullOptions> = {}): ReturnType<typeof pull> {
  return pull(name, { store, environment: BARE, retry: HASTY, ...options })
}

/** What can be seen of blobs and layers. */
function contents(store: Store): { blobs: string[]; layers: string[] } {
  const list = (...path: string[]) => {
    const directory = join(store.paths.root, ...path)
    return existsSync(directory) ? readdirSync(directory).filter((name) => /^[0-9a-f]{64}$/.test(name)) : []
  }
  return { blobs: list('blobs', 'sha256'), layers: list('layers', 'sha256') }
}

function checkTree(store: Store, { images }: ImageLayout): void {
  const [base, top] = images[0]?.diffIds ?? []
  assert.ok(base !== undefined && top !== undefined)
  const release = lstatSync(join(store.layers.path(base), 'etc/os-release'))
  assert.deepEqual([release.mode & 0o7777, release.uid, release.gid], [0o600, 7, 8])
  assert.ok(readFileSync(join(store.layers.path(top), 'noise')).equals(NOISE))
  assert.equal(lstatSync(join(store.layers.path(top), 'noise')).mode & 0o7777, 0o4755)
  const whiteout = lstatSync(join(store.layers.path(top), 'etc/os-release'))
  assert.ok(whiteout.isCharacterDevice() && whiteout.rdev === 0)
}

const blobRequests = (proxy: FaultProxy, layout: ImageLayout) => {
  const layers = layout.images.flatMap(({ layers }) => layers.map(({ digest }) => digest as string))
  return proxy.requests.filter(({ server, path }) => server === 'registry' && layers.some((digest) => path.endsWith(digest)))
}

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

const HARMLESS: [title: string, faults: Fault[]][] = [
  ['cut connections', [{ path: /blobs/, nth: [2, 4, 6], kind: 'cut', after: 100_000 }]],
  [
    'cut connections at a registry that knows no ranges',
    [
      { path: /blobs/, kind: 'ignore-range' },
      { path: /blobs/, nth: [2, 3], kind: 'cut', after: 100_000 },
    ],
  ],
  ['too many requests', [{ nth: [1, 3], kind: 'status', status: 429, retryAfter: { seconds: 1, as: 'date' } }]],
  [
    'a registry that is not well',
    [
      { nth: [2, 4], kind: 'status', status: 503 },
      { nth: 3, kind: 'hang-up' },
    ],
  ],
  ['blobs that are elsewhere', [{ path: /blobs/, kind: 'redirect' }]],
]

for (const [title, faults] of HARMLESS)
  test(`an image arrives in spite of ${title}`, async (t) => {
    const proxy = await faultyProxy(t, ...faults)
    const { name, layout } = await pushed(t, { layers: [BASE, TOP] }, { host: proxy.host })
    const store = await emptyStore(t)
    await bring(name, store)
    checkTree(store, layout)
    assert.ok(proxy.requests.some(({ faults }) => faults.length > 0))
  })

const WRONG: [title: string, fault: (blob: RegExp) => Fault, expected: { code: string; message: RegExp }][] = [
  [
    'wrong bytes',
    (path) => ({ path, kind: 'flip', at: 1_000_000 }),
    { code: 'DIGEST_MISMATCH', message: /sha256:[0-9a-f]{64}.*sha256:[0-9a-f]{64}/s },
  ],
  ['wrong bytes at the end', (path) => ({ path, kind: 'flip', at: NOISE.length }), { code: 'DIGEST_MISMATCH', message: /sha256:/ }],
  [
    'too few bytes',
    (path) => ({ path, kind: 'truncate', to: 500_000 }),
    { code: 'SIZE_MISMATCH', message: /expected \d+ bytes, the server offers 500000/ },
  ],
  ['bytes without end', (path) => ({ path, kind: 'endless' }), { code: 'SIZE_MISMATCH', message: /the server sends more/ }],
]

for (const [title, fault, expected] of WRONG)
  for (const compression of ['gzip', 'none'] as const)
    test(`a layer of ${title} (${compression}) leaves nothing behind`, async (t) => {
      const proxy = await faultyProxy(t)
      const { name, layout } = await pushed(t, { layers: [TOP], compression }, { host: proxy.host })
      const digest = layout.images[0]?.layers[0]?.digest ?? ''
      proxy.inject(fault(new RegExp(`blobs/${digest}`)))
      const store = await emptyStore(t)
      await assert.rejects(bring(name, store), expected)
      assert.deepEqual(contents(store), { blobs: [], layers: [] })
      assert.deepEqual(await store.images.list(), [])
      assert.equal(bytesBelow(store.paths.root) < 100_000, true)
      proxy.heal()
      await bring(name, store)
    })

function bytesBelow(directory: string): number {
  return Number(execFileSync('du', ['-sb', directory], { encoding: 'utf8' }).split('\t')[0])
}

const LYING: [title: string, image: ImageInput, expected: { code: string; message: RegExp }][] = [
  [
    "a diffID that is not the layer's",
    { layers: [TOP], editConfig: (config) => ({ ...config, rootfs: { type: 'layers', diff_ids: [digestOf('other')] } }) },
    { code: 'DIFF_ID_MISMATCH', message: new RegExp(`${digestOf(TOP)}.*${digestOf('other')}`) },
  ],
  [
    'fewer diffIDs than layers',
    { layers: [BASE, TOP], editConfig: (config) => ({ ...config, rootfs: { type: 'layers', diff_ids: [digestOf(BASE)] } }) },
    { code: 'BAD_RESPONSE', message: /manifest has 2 layers, its config 1/ },
  ],
  [
    "a size that is not the layer's",
    {
      layers: [TOP],
      editManifest: (manifest) => ({ ...manifest, layers: manifest.layers.map((layer) => ({ ...layer, size: layer.size - 1 })) }),
    },
    { code: 'SIZE_MISMATCH', message: /expected \d+ bytes, the server offers \d+/ },
  ],
  [
    "a compression that is not the layer's",
    { layers: [{ tar: compress(TOP, 'gzip'), compression: 'none', mediaType: MEDIA_TYPES.ociLayerZstd }] },
    { code: 'BAD_ARCHIVE', message: /^pulling layer sha256:\w+: reading a zstd blob/ },
  ],
  [
    'a layer that is no layer',
    { layers: [{ tar: TOP, mediaType: 'application/vnd.example' }] },
    { code: 'UNSUPPORTED_MEDIA_TYPE', message: /application\/vnd\.example/ },
  ],
  [
    'an artifact',
    {
      layers: [TOP],
      editManifest: (manifest) => ({ ...manifest, config: { ...manifest.config, mediaType: 'application/vnd.cncf.helm.config.v1+json' } }),
    },
    { code: 'UNSUPPORTED_MEDIA_TYPE', message: /is an artifact \(application\/vnd\.cncf\.helm\.config\.v1\+json\), not a container image/ },
  ],
]

for (const [title, image, expected] of LYING)
  test(`an image with ${title} leaves nothing behind`, async (t) => {
    const { name } = await pushed(t, image)
    const store = await emptyStore(t)
    await assert.rejects(bring(name, store), expected)
    assert.deepEqual(contents(store), { blobs: [], layers: [] })
    assert.equal(bytesBelow(store.paths.root) < 100_000, true)
  })

test('a registry with tokens: a user, a stranger, and a token that the registry takes for a second', async (t) => {
  await using tokens = await startTokenServer({ users: { alice: { password: 'wonder' } }, ttlSeconds: 1, expiresIn: 300 })
  await using closed = await startRegistry({ auth: tokens.auth })
  const layout = imageLayout(temporaryDirectory(t), { layers: [BASE, TOP] })
  await pushWithSkopeo(layout, `${closed.host}/x:latest`, { creds: 'alice:wonder' })
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
  await assert.rejects(bring(`${closed.host}/x`, await emptyStore(t)), { code: 'UNAUTHORIZED', hint: /docker login/ })
  const wrong = { ...credentials, password: 'land' }
  await assert.rejects(bring(`${closed.host}/x`, await emptyStore(t), { credentials: wrong }), {
    code: 'UNAUTHORIZED',
    hint: /not accepted/,
  })
})

test('a disk that is full is said to be, and nothing is left on it', async (t) => {
  const { name } = await pushed(t, { layers: [BASE, TOP] })
  const disk = temporaryDirectory(t)
  for (const size of ['2m', '4m']) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'gocker-test', disk])
    try {
      const store = await openStore({ root: join(disk, 'root'), run: join(disk, 'run') })
      await assert.rejects(bring(name, store), { code: 'NO_SPACE' })
      assert.deepEqual(await store.images.list(), [])
      assert.equal(bytesBelow(disk) < 500_000, true)
    } finally {
      execFileSync('umount', [disk])
    }
  }
})

test('two pulls at once fetch each layer once', async (t) => {
  const proxy = await faultyProxy(t, { path: /blobs/, kind: 'slow', bytesPerSecond: 4_000_000 })
  const { name, layout } = await pushed(t, { layers: [BASE, TOP] }, { host: proxy.host })
  const store = await emptyStore(t)
  const events: PullEvent[] = []
  const other = await openStore({ root: store.paths.root, run: store.paths.run })
  const onEvent = (event: PullEvent) => events.push(event)
  const [one, two] = await Promise.all([bring(name, store, { onEvent }), bring(name, other, { onEvent })])
  assert.equal(one.id, two.id)
  checkTree(store, layout)
  assert.equal(blobRequests(proxy, layout).length, 2)
  assert.ok(events.some(({ type }) => type === 'layer-waiting'))
})

test('an image that lies about a layer does not harm one that has the same', async (t) => {
  const proxy = await faultyProxy(t, { path: /blobs/, kind: 'slow', bytesPerSecond: 4_000_000 })
  const right = await pushed(t, { layers: [BASE, TOP] }, { host: proxy.host })
  const other = digestOf('other')
  const lying = await pushed(
    t,
    { layers: [TOP], editConfig: (config) => ({ ...config, rootfs: { type: 'layers', diff_ids: [other] } }) },
    { host: proxy.host },
  )
  const store = await emptyStore(t)
  const [refused, kept] = await Promise.allSettled([bring(lying.name, store), bring(right.name, store)])
  assert.equal(refused.status === 'rejected' && refused.reason.code, 'DIFF_ID_MISMATCH')
  assert.equal(kept.status, 'fulfilled')
  checkTree(store, right.layout)
  await Promise.all((right.layout.images[0]?.layers ?? []).map(({ digest }) => store.blobs.read(digest)))
})

test('a pull that is stopped goes on at the byte', async (t) => {
  const proxy = await faultyProxy(t, { path: /blobs/, kind: 'slow', bytesPerSecond: 4_000_000 })
  const { name, layout } = await pushed(t, { layers: [TOP] }, { host: proxy.host })
  const store = await emptyStore(t)
  const stop = new AbortController()
  const stopping = bring(name, store, {
    signal: stop.signal,
    onEvent: (event) => event.type === 'layer-progress' && event.transferred > 500_000 && stop.abort(),
  })
  await assert.rejects(stopping, { name: 'AbortError' })
  assert.deepEqual(contents(store), { blobs: [], layers: [] })
  const resumedAt = await resumedPull(name, store)
  assert.ok(resumedAt > 500_000, String(resumedAt))
  assert.equal(blobRequests(proxy, layout).at(-1)?.headers.range, `bytes=${resumedAt}-`)
})

async function resumedPull(name: string, store: Store): Promise<number> {
  const started: number[] = []
  await bring(name, store, { onEvent: (event) => event.type === 'layer-started' && started.push(event.resumedAt) })
  assert.equal(contents(store).layers.length, 1)
  return started[0] ?? 0
}

test('a partial blob that turns out wrong is begun anew', async (t) => {
  const layer = { path: /blobs/, nth: 2 }
  const proxy = await faultyProxy(
    t,
    { ...layer, kind: 'flip', at: 100_000 },
    { ...layer, kind: 'cut', after: 1_500_000 },
    { path: /blobs/, nth: [3, 4], kind: 'status', status: 503 },
  )
  const { name } = await pushed(t, { layers: [TOP], compression: 'none' }, { host: proxy.host })
  const store = await emptyStore(t)
  await assert.rejects(bring(name, store, { retry: { ...HASTY, attempts: 2 } }), { code: 'BAD_RESPONSE' })
  proxy.heal()
  const started: number[] = []
  await bring(name, store, { onEvent: (event) => event.type === 'layer-started' && started.push(event.resumedAt) })
  assert.deepEqual(
    started.map((offset) => offset > 100_000),
    [true, false],
  )
  assert.equal(contents(store).layers.length, 1)
})

test('a pull that is killed goes on, too', async (t) => {
  const proxy = await faultyProxy(t, { path: /blobs/, kind: 'slow', bytesPerSecond: 2_000_000 })
  const { name } = await pushed(t, { layers: [TOP] }, { host: proxy.host })
  const store = await emptyStore(t)
  const script = join(temporaryDirectory(t), 'pull.mjs')
  writeFileSync(
    script,
    `import { openStore } from '${import.meta.resolve('@gocker/store')}'
    import { pull } from '${import.meta.resolve('./pull.ts')}'
    const [root, run, name] = process.argv.slice(2)
    const onEvent = (event) => event.type === 'layer-progress' && console.log(event.transferred)
    await pull(name, { store: await openStore({ root, run }), onEvent })`,
  )
  const child = spawn(process.execPath, [script, store.paths.root, store.paths.run, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of child.stdout.setEncoding('utf8')) if (Number.parseInt(line, 10) > 1_800_000) child.kill('SIGKILL')
  if (child.signalCode === null) await once(child, 'exit')
  assert.equal(child.signalCode, 'SIGKILL')
  assert.deepEqual(contents(store), { blobs: [], layers: [] })
  assert.ok((await resumedPull(name, store)) > 0)
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
