import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { digestOf, MEDIA_TYPES } from '@gocker/oci'
import { openStore, type Store } from '@gocker/store'
import { buildTar, compress, temporaryDirectory } from '@gocker/testkit'
import { importImage } from './import-image.ts'
import { inChunks } from './testing/unpacking.ts'

const TAR = buildTar([
  { name: './' },
  { name: './etc/motd', content: 'hello' },
  { name: './dev/null', type: 'character', device: { major: 1, minor: 3 } },
])

async function newStore(t: TestContext): Promise<Store & { readonly root: string }> {
  const place = temporaryDirectory(t)
  const root = join(place, 'root')
  return { ...(await openStore({ root, run: join(place, 'run') })), root }
}

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map(({ name }) => name)
}

for (const [compression, mediaType] of [
  ['none', MEDIA_TYPES.ociLayer],
  ['gzip', MEDIA_TYPES.ociLayerGzip],
  ['zstd', MEDIA_TYPES.ociLayerZstd],
] as const)
  test(`a tarball (${compression}) becomes an image of one layer, its blob as it came`, async (t) => {
    const store = await newStore(t)
    const blob = compress(TAR, compression)
    const image = await importImage({
      source: inChunks(blob, 3),
      store,
      reference: 'made/here:1',
      changes: ['CMD ["cat", "/etc/motd"]'],
      message: 'brought in',
      platform: 'linux/arm64',
    })
    assert.deepEqual(image.references, ['docker.io/made/here:1'])
    assert.deepEqual(image.manifest.layers, [{ mediaType, digest: digestOf(blob), size: blob.length }])
    assert.deepEqual(image.layers, [digestOf(TAR)])
    assert.deepEqual(image.config.config, { Cmd: ['cat', '/etc/motd'] })
    assert.deepEqual([image.config.architecture, image.config.history?.[0]?.comment], ['arm64', 'brought in'])
    const files = store.layers.files()
    t.after(() => files.close())
    assert.equal(readFileSync(join(files.of([store.layers.path(digestOf(TAR))])[0] ?? '', 'etc/motd'), 'utf8'), 'hello')
    assert.ok((await store.blobs.read(digestOf(blob))).equals(blob))
  })

test('skopeo reads what was imported', async (t) => {
  const store = await newStore(t)
  await importImage({ source: inChunks(TAR, 512), store, reference: 'motd' })
  const inspected = JSON.parse(execFileSync('skopeo', ['inspect', `oci:${store.root}:docker.io/library/motd:latest`], { encoding: 'utf8' }))
  assert.deepEqual(inspected.Layers, [digestOf(TAR)])
})

test('without a name the image has its id alone', async (t) => {
  const store = await newStore(t)
  const image = await importImage({ source: inChunks(TAR, 512), store })
  assert.deepEqual(image.references, [])
  assert.equal((await store.images.get(image.id)).id, image.id)
})

test('refuses what it cannot read, by name, and leaves nothing', async (t) => {
  const store = await newStore(t)
  const packed = (command: string) => execFileSync(command, ['-c'], { input: TAR })
  for (const [source, code, message] of [
    [packed('xz'), 'UNSUPPORTED_MEDIA_TYPE', /xz/],
    [packed('bzip2'), 'UNSUPPORTED_MEDIA_TYPE', /bzip2/],
    [Buffer.alloc(0), 'BAD_ARCHIVE', /empty/],
    [Buffer.from('not a tar at all '.repeat(100)), 'BAD_ARCHIVE', /tar header/],
    [compress(TAR, 'gzip').subarray(0, 60), 'BAD_ARCHIVE', /./],
  ] as const)
    await assert.rejects(importImage({ source: inChunks(source, 50), store, reference: 'x' }), { code, message })
  await assert.rejects(importImage({ source: inChunks(TAR, 50), store, changes: ['BAKE cake'] }), { code: 'INVALID_OPTION' })
  await assert.rejects(importImage({ source: inChunks(TAR, 50), store, reference: 'NOT A NAME' }), { code: 'INVALID_REFERENCE' })
  assert.deepEqual(files(join(store.root, 'blobs')), [])
  assert.deepEqual(await store.layers.list(), [])
  assert.deepEqual(await store.images.list(), [])
})

test('with a date the same tarball gives the same image', async (t) => {
  const store = await newStore(t)
  const imported = (sourceDateEpoch?: number) => importImage({ source: inChunks(TAR, 512), store, sourceDateEpoch })
  const [first, second, now] = [await imported(1_000_000_000), await imported(1_000_000_000), await imported()]
  assert.equal(first.id, second.id)
  assert.deepEqual([first.config.created, first.config.history?.[0]?.created], ['2001-09-09T01:46:40.000Z', '2001-09-09T01:46:40.000Z'])
  assert.notEqual(now.id, first.id)
})

test('a name with a digest is refused before anything is read', async (t) => {
  const store = await newStore(t)
  const reference = `made@${digestOf('x')}`
  await assert.rejects(importImage({ source: inChunks(TAR, 512), store, reference }), {
    code: 'INVALID_OPTION',
    message: `importing ${reference}: a digest is what an image comes to, and cannot be given`,
  })
  assert.deepEqual(await store.layers.list(), [])
})
