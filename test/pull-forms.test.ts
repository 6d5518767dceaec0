import assert from 'node:assert/strict'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildTar, gocker, type ImageInput, imageLayout, inspectWithSkopeo, pushWithSkopeo, temporaryDirectory } from '@gocker/testkit'
import { failedWith, layerFiles, NOTHING, pullFixture, storeContents, succeeded } from './support/pulling.ts'

const { registry, pushed, proxy } = await pullFixture()

const BASE = buildTar([{ name: 'etc/' }, { name: 'etc/motd', content: 'below\n', mode: 0o600, uid: 7, gid: 8 }])
const TOP = buildTar([
  { name: 'etc/motd', content: 'above\n' },
  { name: 'only-here', content: 'x' },
])

const FORMS: readonly Omit<ImageInput, 'layers'>[] = [
  { mediaTypes: 'oci', compression: 'gzip' },
  { mediaTypes: 'oci', compression: 'zstd' },
  { mediaTypes: 'oci', compression: 'none' },
  { mediaTypes: 'docker', compression: 'gzip' },
  { mediaTypes: 'docker', compression: 'none' },
]

for (const form of FORMS)
  test(`an image of ${form.mediaTypes}'s media types, layers ${form.compression === 'none' ? 'not compressed' : form.compression}`, async (t) => {
    const { name, layout } = await pushed(t, { ...form, layers: [BASE, TOP] })
    const root = temporaryDirectory(t)
    const { stdout } = succeeded(await gocker(['pull', `${registry.host}/${name}`], { root }))
    assert.equal(stdout, `${layout.descriptor.digest}\n`)
    const [{ diffIds } = { diffIds: [] }] = layout.images
    const [base, top] = [await layerFiles(t, root, diffIds[0]), await layerFiles(t, root, diffIds[1])]
    const { mode, uid, gid } = lstatSync(join(base, 'etc/motd'))
    assert.deepEqual([mode & 0o7777, uid, gid], [0o600, 7, 8])
    assert.equal(readFileSync(join(top, 'etc/motd'), 'utf8'), 'above\n')
  })

test('an image pushed by skopeo is in the store as skopeo reads it', async (t) => {
  const name = `${registry.host}/by-skopeo:v1`
  await pushWithSkopeo(imageLayout(temporaryDirectory(t), { layers: [BASE, TOP], config: { Cmd: ['sh'] } }), name)
  const root = temporaryDirectory(t)
  succeeded(await gocker(['pull', name], { root }))
  for (const flags of [[], ['--config'], ['--raw']]) {
    const { Name: _, RepoTags: __, ...there } = await inspectWithSkopeo(`docker://${name}`, ...flags)
    const { Name: ___, RepoTags: ____, ...here } = await inspectWithSkopeo(`oci:${root}/store:${name}`, ...flags)
    assert.deepEqual(here, there)
  }
})

test("an image that skopeo turned into docker's schema 2", async (t) => {
  const name = `${registry.host}/by-skopeo-docker:v1`
  await pushWithSkopeo(imageLayout(temporaryDirectory(t), { layers: [BASE, TOP], config: { Cmd: ['sh'] } }), name, { format: 'v2s2' })
  const root = temporaryDirectory(t)
  const { stdout } = succeeded(await gocker(['pull', '-q', name], { root }))
  const { Digest } = await inspectWithSkopeo(`docker://${name}`)
  assert.equal(stdout, `${Digest}\n`)
  const [image] = JSON.parse(succeeded(await gocker(['inspect', name], { root })).stdout)
  assert.deepEqual([image.Config.Cmd, image.RootFS.Layers.length], [['sh'], 2])
})

const ARM = { os: 'linux', architecture: 'arm64' } as const
const S390 = { os: 'linux', architecture: 's390x' } as const

test('of an image for several platforms: this one, another one, one that there is not', async (t) => {
  const { name, layout } = await pushed(t, [
    { layers: [BASE], platform: S390 },
    { layers: [BASE, TOP], platform: ARM },
    { layers: [TOP], platform: { os: 'linux', architecture: 'amd64' } },
  ])
  const full = `${registry.host}/${name}`
  const root = temporaryDirectory(t)
  const own = layout.images[process.arch === 'arm64' ? 1 : 2]
  assert.equal(succeeded(await gocker(['pull', full], { root })).stdout, `${own?.manifest.digest}\n`)
  const arm = succeeded(await gocker(['pull', '--platform', 'linux/arm64', full], { root }))
  assert.equal(arm.stdout, `${layout.images[1]?.manifest.digest}\n`)
  const [{ Architecture, RepoDigests }] = JSON.parse(succeeded(await gocker(['inspect', full], { root })).stdout)
  assert.deepEqual([Architecture, RepoDigests], ['arm64', [`${full}@${layout.descriptor.digest}`]])
  const elsewhere = temporaryDirectory(t)
  const missing = await gocker(['pull', '--platform', 'linux/riscv64', full], { root: elsewhere })
  failedWith(missing, /linux\/riscv64.*linux\/s390x, linux\/arm64, linux\/amd64/)
  assert.deepEqual(await storeContents(elsewhere), NOTHING)
  failedWith(await gocker(['pull', '--platform', 'a/b/c/d', full], { root: elsewhere }), /"a\/b\/c\/d"/)
})

test('an image without an index that is for another platform is refused, with the way to have it', async (t) => {
  const { name } = await pushed(t, { layers: [BASE], platform: S390 })
  const root = temporaryDirectory(t)
  const refused = await gocker(['pull', `${registry.host}/${name}`], { root })
  failedWith(refused, /linux\/s390x/)
  assert.match(refused.stderr, /hint: .*--platform linux\/s390x/)
  succeeded(await gocker(['pull', '--platform', 'linux/s390x', `${registry.host}/${name}`], { root }))
})

test('by digest: the image has that name and no tag', async (t) => {
  const { name, layout } = await pushed(t, { layers: [BASE] })
  const root = temporaryDirectory(t)
  const byDigest = `${registry.host}/${name}@${layout.descriptor.digest}`
  assert.equal(succeeded(await gocker(['pull', '-q', byDigest], { root })).stdout, `${layout.descriptor.digest}\n`)
  const [image] = JSON.parse(succeeded(await gocker(['inspect', byDigest], { root })).stdout)
  assert.deepEqual([image.Descriptor.mediaType, image.RepoDigests], ['application/vnd.oci.image.manifest.v1+json', [byDigest]])
  assert.match(succeeded(await gocker(['images'], { root })).stdout, new RegExp(`\\n${registry.host}/${name} +<none> +[0-9a-f]{12} `))
  const wrong = `${registry.host}/${name}@sha256:${'0'.repeat(64)}`
  failedWith(await gocker(['pull', wrong], { root }), /0000.*not/)
})

test('a second pull fetches no layer and says so', async (t) => {
  const watched = await proxy(t)
  const { name } = await pushed(t, { layers: [BASE, TOP] })
  const root = temporaryDirectory(t)
  const full = `${watched.host}/${name}`
  const first = succeeded(await gocker(['pull', full], { root }))
  const asked = watched.requests.length
  const second = succeeded(await gocker(['pull', full], { root }))
  assert.equal(second.stdout, first.stdout)
  assert.equal(second.stderr.match(/already here/g)?.length, 2)
  const paths = watched.requests.slice(asked).map(({ path }) => path)
  assert.ok(paths.length > 0 && paths.every((path) => !path.includes('/blobs/')), paths.join(' '))
})

test('layers that two images share are fetched once', async (t) => {
  const watched = await proxy(t)
  const one = await pushed(t, { layers: [BASE] })
  const two = await pushed(t, { layers: [BASE, TOP] })
  const root = temporaryDirectory(t)
  for (const { name } of [one, two]) succeeded(await gocker(['pull', `${watched.host}/${name}`], { root }))
  const digest = one.layout.images[0]?.layers[0]?.digest
  assert.equal(watched.requests.filter(({ path }) => path.endsWith(`/blobs/${digest}`)).length, 1)
})

test('progress without a terminal is plain lines on stderr, and nothing with --quiet', async (t) => {
  const { name, layout } = await pushed(t, { layers: [BASE, TOP] })
  const full = `${registry.host}/${name}`
  const { stdout, stderr } = succeeded(await gocker(['pull', full]))
  assert.equal(stdout, `${layout.descriptor.digest}\n`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none shall be there
  assert.doesNotMatch(stderr, /[\x00-\x09\x0b-\x1f]/)
  assert.match(stderr, new RegExp(`^${full}:latest: 2 layers for linux/`))
  for (const { digest } of layout.images[0]?.layers ?? []) {
    const short = digest.slice(7, 19)
    assert.match(stderr, new RegExp(`^${short}: fetching \\d+B\n(.*\n)*${short}: done$`, 'm'))
  }
  const quiet = succeeded(await gocker(['pull', '--quiet', full]))
  assert.deepEqual([quiet.stdout, quiet.stderr], [`${layout.descriptor.digest}\n`, ''])
})

test('the same bytes twice in one image are one layer', async (t) => {
  const { name, layout } = await pushed(t, { layers: [BASE, TOP, BASE] })
  const root = temporaryDirectory(t)
  const { stderr } = succeeded(await gocker(['pull', `${registry.host}/${name}`], { root }))
  assert.equal(stderr.match(/: done/g)?.length, 2)
  const diffIds = new Set(layout.images[0]?.diffIds)
  for (const diffID of diffIds) assert.ok(existsSync(await layerFiles(t, root, diffID)))
  assert.equal((await storeContents(root)).layers.length, diffIds.size)
})
