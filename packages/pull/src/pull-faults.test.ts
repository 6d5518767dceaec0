import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestOf, MEDIA_TYPES } from '@gocker/oci'
import { openStore } from '@gocker/store'
import { compress, type Fault, type ImageInput, temporaryDirectory } from '@gocker/testkit'
import { BASE, bring, bytesBelow, checkTree, contents, emptyStore, faultyProxy, NOISE, pushed, TOP } from './testing/pull-fixture.ts'

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
    { code: 'BAD_ARCHIVE', message: /^pulling layer sha256:\w+: reading a compressed layer/ },
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
