import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildTar, type Fault, type FaultProxy, gocker, type ImageInput, leaks, temporaryDirectory } from '@gocker/testkit'
import { failedWith, layerFiles, NOTHING, pullFixture, storeContents, succeeded } from './support/pulling.ts'

const { registry, pushed, proxy } = await pullFixture()

const NOISE = randomBytes(3_000_000)
const BASE = buildTar([{ name: 'etc/' }, { name: 'etc/motd', content: 'below\n' }])
const TOP = buildTar([{ name: 'noise', content: NOISE, mode: 0o4755 }])

const HARMLESS: readonly [title: string, ...faults: Fault[]][] = [
  ['the registry ends connections', { path: /blobs/, nth: [2, 4], kind: 'cut', after: 500_000 }],
  ['the registry hangs up', { nth: [1, 3], kind: 'hang-up' }],
  ['the registry asks for patience', { nth: [1, 3], kind: 'status', status: 429, retryAfter: { seconds: 1 } }],
  ['the registry is not well', { nth: [2, 4], kind: 'status', status: 503 }],
  ['the registry is slow', { path: /blobs/, kind: 'slow', bytesPerSecond: 4_000_000 }],
  ['the blobs are elsewhere', { path: /blobs/, kind: 'redirect' }],
  ['blobs that are elsewhere break off', { path: /blobs/, kind: 'redirect' }, { server: 'storage', nth: 2, kind: 'cut', after: 100_000 }],
  [
    'the registry has no ranges and breaks off',
    { path: /blobs/, kind: 'ignore-range' },
    { path: /blobs/, nth: 3, kind: 'cut', after: 90_000 },
  ],
]

for (const [title, ...faults] of HARMLESS)
  test(`an image arrives though ${title}`, async (t) => {
    const faulty = await proxy(t, ...faults)
    const { name, layout } = await pushed(t, { layers: [BASE, TOP] })
    const root = temporaryDirectory(t)
    succeeded(await gocker(['pull', `${faulty.host}/${name}`], { root }))
    assert.ok(faulty.requests.some(({ faults }) => faults.length > 0))
    assert.ok(readFileSync(join(await layerFiles(t, root, layout.images[0]?.diffIds[1]), 'noise')).equals(NOISE))
  })

test('what has arrived before a connection ended is not fetched again', async (t) => {
  const faulty = await proxy(t, { path: /blobs/, nth: 2, kind: 'cut', after: 1_000_000 })
  const { name, layout } = await pushed(t, { layers: [TOP], compression: 'none' })
  const { stderr } = succeeded(await gocker(['pull', `${faulty.host}/${name}`]))
  assert.match(stderr, /trying again/)
  const layer = layout.images[0]?.layers[0]
  const ranges = faulty.requests.filter(({ path }) => path.endsWith(layer?.digest ?? '?')).map(({ headers }) => headers.range)
  const [, resumed] = ranges
  const start = Number(/^bytes=(\d+)-/.exec(resumed ?? '')?.[1])
  assert.equal(ranges.length, 2)
  assert.ok(start > 0 && start <= 1_000_000, resumed)
})

test('what a pull that failed has brought is not fetched again by the next', async (t) => {
  const faulty = await proxy(t, { path: /blobs/, nth: [2, 3, 4, 5, 6, 7, 8, 9], kind: 'cut', after: 300_000 })
  const { name, layout } = await pushed(t, { layers: [TOP], compression: 'none' })
  const root = temporaryDirectory(t)
  const full = `${faulty.host}/${name}`
  const size = layout.images[0]?.layers[0]?.size ?? 0
  const first = await gocker(['pull', full], { root, timeout: 60_000 })
  faulty.heal()
  const second = succeeded(await gocker(['pull', full], { root }))
  if (first.code !== 0) assert.match(second.stderr, / of it are here/)
  const starts = faulty.requests.flatMap(({ path, headers }) =>
    path.endsWith(layout.images[0]?.layers[0]?.digest ?? '?') ? [Number(/^bytes=(\d+)-/.exec(headers.range ?? 'bytes=0-')?.[1])] : [],
  )
  assert.deepEqual(
    starts,
    starts.toSorted((a, b) => a - b),
  )
  assert.ok((starts.at(-1) ?? 0) > 0 && (starts.at(-1) ?? 0) < size, String(starts))
})

const WRONG: readonly [title: string, fault: Omit<Extract<Fault, { kind: string }>, 'path'>, said: RegExp][] = [
  ['wrong bytes', { kind: 'flip', at: 1_000_000 } as Fault, /sha256:[0-9a-f]{64}.*sha256:[0-9a-f]{64}/],
  ['too few bytes', { kind: 'truncate', to: 500_000 } as Fault, /expected \d+ bytes, the server offers 500000/],
  ['bytes without end', { kind: 'endless' } as Fault, /the server sends more/],
  ['an error page in place of a layer', { kind: 'status', status: 404, body: '<html>no</html>' } as Fault, /404|not found|has no/i],
  ['no right to a layer', { kind: 'status', status: 403 } as Fault, /403|denied|refused/i],
]

for (const [title, fault, said] of WRONG)
  test(`${title}: one line, nothing left, and the next pull works`, async (t) => {
    const faulty = await proxy(t)
    const { name, layout } = await pushed(t, { layers: [BASE, TOP] })
    faulty.inject({ ...fault, path: new RegExp(`blobs/${layout.images[0]?.layers[1]?.digest}`) } as Fault)
    await failsAndRecovers(faulty, name, said)
  })

async function failsAndRecovers(faulty: FaultProxy, name: string, said: RegExp): Promise<void> {
  const root = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim()
  try {
    const watch = leaks(root)
    failedWith(await gocker(['pull', `${faulty.host}/${name}`], { root }), said)
    const { images, layers } = await storeContents(root)
    assert.deepEqual([images, layers.length < 2], ['', true])
    await watch.assertNone()
    faulty.heal()
    succeeded(await gocker(['pull', `${faulty.host}/${name}`], { root }))
  } finally {
    execFileSync('rm', ['-rf', root])
  }
}

const LYING: readonly [title: string, image: ImageInput, said: RegExp][] = [
  [
    "a diffID that is not the layer's",
    { layers: [TOP], editConfig: (config) => ({ ...config, rootfs: { type: 'layers', diff_ids: [`sha256:${'1'.repeat(64)}`] } }) },
    /sha256:[0-9a-f]{64}.*sha256:1{64}/,
  ],
  [
    "a size that is not the layer's",
    {
      layers: [TOP],
      editManifest: (manifest) => ({ ...manifest, layers: manifest.layers.map((one) => ({ ...one, size: one.size + 1 })) }),
    },
    /expected \d+ bytes, the server offers \d+/,
  ],
  [
    'a layer that is no archive',
    { layers: [Buffer.from('no archive at all\n'.repeat(100))], compression: 'none' },
    /^gocker: pulling layer sha256:/,
  ],
  [
    'a media type that is no layer',
    {
      layers: [TOP],
      editManifest: (manifest) => ({ ...manifest, layers: manifest.layers.map((one) => ({ ...one, mediaType: 'text/html' })) }),
    },
    /text\/html/,
  ],
  ['a name of more than 4 kB', { layers: [buildTar([{ name: 'y'.repeat(4200) }])] }, /"y+"\.\.\.: its name is longer than 4095 bytes/],
  ['a layer that climbs out', { layers: [buildTar([{ name: '../../outside', content: 'x' }])] }, /outside/],
]

for (const [title, image, said] of LYING)
  test(`an image with ${title} is refused in one line, and nothing is left`, async (t) => {
    const { name } = await pushed(t, image)
    const root = temporaryDirectory(t)
    failedWith(await gocker(['pull', `${registry.host}/${name}`], { root }), said)
    assert.deepEqual(await storeContents(root), NOTHING)
  })

const WRONG_DOCUMENTS: readonly [title: string, fault: Fault, said: RegExp][] = [
  ['bytes that are not its own', { path: /manifests/, method: 'GET', kind: 'flip', at: 40 }, /expected sha256:[0-9a-f]{64}, got sha256:/],
  ['no end', { path: /manifests/, method: 'GET', kind: 'endless' }, /larger than \d+ bytes/],
  [
    'the media type of something else',
    { path: /manifests/, method: 'GET', kind: 'headers', set: { 'content-type': 'application/vnd.oci.image.index.v1+json' } },
    /index/,
  ],
  ['an error page in its place', { path: /manifests/, method: 'GET', kind: 'status', status: 200, body: '<html>no</html>' }, /manifest/],
]

for (const [title, fault, said] of WRONG_DOCUMENTS)
  test(`a manifest of ${title}: one line, and nothing left`, async (t) => {
    const faulty = await proxy(t, fault)
    const { name, layout } = await pushed(t, { layers: [BASE] })
    const root = temporaryDirectory(t)
    failedWith(await gocker(['pull', `${faulty.host}/${name}@${layout.descriptor.digest}`], { root }), said)
    assert.deepEqual(await storeContents(root), NOTHING)
  })

test('three thousand layers that are one are fetched and unpacked once', async (t) => {
  const repeated = <T>(one: T | undefined): T[] => Array.from({ length: 3000 }, () => one as T)
  const { name } = await pushed(t, {
    layers: [BASE],
    editManifest: (manifest) => ({ ...manifest, layers: repeated(manifest.layers[0]) }),
    editConfig: (config) => ({ ...config, rootfs: { type: 'layers', diff_ids: repeated(config.rootfs.diff_ids[0]) } }),
  })
  const root = temporaryDirectory(t)
  succeeded(await gocker(['pull', `${registry.host}/${name}`], { root }))
  assert.equal((await storeContents(root)).layers.length, 1)
})
