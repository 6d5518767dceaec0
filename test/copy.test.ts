import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import {
  buildTar,
  busyboxRootfs,
  gocker,
  type ImageLayout,
  imageLayout,
  inspectWithSkopeo,
  leaks,
  makeTemporaryDirectory,
  pushLayout,
  type Registry,
  removeTree,
  startFaultProxy,
  startRegistry,
  startTokenServer,
  temporaryDirectory,
} from '@gocker/testkit'
import { failedWith, succeeded } from './support/pulling.ts'
import { putBlob, putManifest, sha256 } from './support/putting.ts'

const root = makeTemporaryDirectory()
let registry: Registry
let other: Registry
before(async () => {
  ;[registry, other] = await Promise.all([startRegistry(), startRegistry()])
})
after(async () => {
  await Promise.all([registry.stop(), other.stop()])
  removeTree(root)
})

let count = 0
function layer(): Buffer {
  return Buffer.from(buildTar([{ name: `file-${++count}`, content: `${count}`.repeat(50_000) }]))
}

async function pushedImage(t: TestContext): Promise<{ name: string; layout: ImageLayout }> {
  const layout = imageLayout(temporaryDirectory(t), { layers: [layer(), layer()] })
  const name = `copied/image-${++count}`
  await pushLayout(layout, `${registry.url}/${name}:v1`)
  return { name, layout }
}

async function pushedIndex(t: TestContext): Promise<{ name: string; layout: ImageLayout }> {
  const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }))
  const layout = imageLayout(
    temporaryDirectory(t),
    platforms.map((platform) => ({ layers: [layer()], platform })),
  )
  const name = `copied/index-${++count}`
  await pushLayout(layout, `${registry.url}/${name}:v1`)
  return { name, layout }
}

async function copied(from: string, to: string, ...flags: string[]): Promise<{ digest: string; stderr: string }> {
  const { stdout, stderr } = succeeded(await gocker(['copy', ...flags, from, to], { root }))
  return { digest: stdout.trim(), stderr }
}

async function digestAt(name: string, ...flags: string[]): Promise<unknown> {
  return (await inspectWithSkopeo(name, ...flags)).Digest
}

async function manifestAt(url: string): Promise<{ digest: string; document: Record<string, unknown> } | undefined> {
  const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json'
  const response = await fetch(url, { headers: { accept } })
  if (!response.ok) return undefined
  const bytes = Buffer.from(await response.arrayBuffer())
  return { digest: sha256(bytes), document: JSON.parse(bytes.toString()) as Record<string, unknown> }
}

test('from registry to registry: digests stay, and what is there is not sent again', async (t) => {
  const { name, layout } = await pushedImage(t)
  const [from, to] = [`docker://${registry.host}/${name}:v1`, `docker://${other.host}/there:1`]
  const first = await copied(from, to)
  assert.equal(first.digest, layout.descriptor.digest)
  assert.equal(await digestAt(to), layout.descriptor.digest)
  const again = await copied(from, to)
  assert.equal(again.stderr.match(/already there/g)?.length, 3)
})

test('within one registry blobs are mounted', async (t) => {
  const { name, layout } = await pushedImage(t)
  const { stderr } = await copied(`docker://${registry.host}/${name}:v1`, `docker://${registry.host}/mounted/${name}:v2`)
  assert.equal(stderr.match(new RegExp(`mounted from ${name}`, 'g'))?.length, 3)
  assert.equal(await digestAt(`docker://${registry.host}/mounted/${name}:v2`), layout.descriptor.digest)
})

test('layouts and archives: skopeo reads what gocker writes', async (t) => {
  const { name, layout } = await pushedImage(t)
  const directory = temporaryDirectory(t)
  const from = `docker://${registry.host}/${name}:v1`
  const watch = leaks(root)
  for (const to of [`oci:${directory}/layout:v1`, `oci-archive:${directory}/oci.tar:v1`]) {
    assert.equal((await copied(from, to)).digest, layout.descriptor.digest)
    assert.equal(await digestAt(to), layout.descriptor.digest)
  }
  await copied(from, `docker-archive:${directory}/docker.tar:localhost/x:1`)
  const { Layers } = await inspectWithSkopeo(`docker-archive:${directory}/docker.tar:localhost/x:1`)
  assert.equal((Layers as unknown[]).length, 2)
  watch.assertNone()
  assert.deepEqual(readdirSync(directory).sort(), ['docker.tar', 'layout', 'oci.tar'])
})

test('layouts and archives: gocker reads what skopeo writes', async (t) => {
  const { name, layout } = await pushedImage(t)
  const directory = temporaryDirectory(t)
  const places = [
    `oci:${directory}/layout:v1`,
    `oci-archive:${directory}/oci.tar:v1`,
    `docker-archive:${directory}/docker.tar:localhost/x:1`,
  ]
  for (const [at, place] of places.entries()) {
    const flags = at < 2 ? ['--preserve-digests'] : []
    execFileSync('skopeo', [
      '--insecure-policy',
      'copy',
      '--quiet',
      '--src-tls-verify=false',
      ...flags,
      `docker://${registry.host}/${name}:v1`,
      place,
    ])
    const { digest } = await copied(place, `docker://${other.host}/from-skopeo:${at}`)
    if (at < 2) assert.equal(digest, layout.descriptor.digest)
    assert.equal(await digestAt(`docker://${other.host}/from-skopeo:${at}`), digest)
  }
})

test('the store: what comes in runs, and goes out with its digest', async (t) => {
  const layout = imageLayout(temporaryDirectory(t), {
    layers: [busyboxRootfs()],
    config: { Cmd: ['/bin/echo', 'copied'], Env: ['PATH=/bin'] },
  })
  const { digest } = await copied(`oci:${layout.directory}`, 'in:1')
  assert.equal(digest, layout.descriptor.digest)
  assert.equal(succeeded(await gocker(['run', '--rm', 'in:1'], { root })).stdout, 'copied\n')
  assert.equal((await copied('in:1', `docker://${other.host}/out:1`)).digest, layout.descriptor.digest)
})

test('of an index one platform, or all of it', async (t) => {
  const { name, layout } = await pushedIndex(t)
  const from = `docker://${registry.host}/${name}:v1`
  const arm = await copied(from, `docker://${other.host}/arm:1`, '--platform', 'linux/arm64')
  assert.equal(arm.digest, layout.images[1]?.manifest.digest)
  const place = `oci:${temporaryDirectory(t)}:all`
  assert.equal((await copied(from, place, '--all')).digest, layout.descriptor.digest)
  assert.equal((await copied(place, `docker://${other.host}/all:1`, '--all')).digest, layout.descriptor.digest)
  assert.equal((await manifestAt(`${other.url}/v2/all/manifests/1`))?.digest, layout.descriptor.digest)
  failedWith(await gocker(['copy', '--all', from, 'in:2'], { root }), /one platform under a name/)
})

/** Hangs a signature in OCI's way and one in cosign's on an image. */
async function sign(
  repository: string,
  subject: { digest: string; size: number; mediaType: string },
): Promise<{ referrer: string; cosign: string }> {
  const config = await putBlob(repository, '{}')
  const layers = [await putBlob(repository, `signature of ${subject.digest}`)]
  const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers }
  const referrer = JSON.stringify({ ...manifest, artifactType: 'application/x-test', subject, annotations: { a: 'b' } })
  const entry = {
    mediaType: manifest.mediaType,
    digest: sha256(referrer),
    size: referrer.length,
    artifactType: 'application/x-test',
  }
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [entry] }
  const tag = subject.digest.replace(':', '-')
  await putManifest(repository, entry.digest, referrer)
  await putManifest(repository, tag, JSON.stringify(index))
  await putManifest(repository, `${tag}.sig`, JSON.stringify(manifest))
  return { referrer: entry.digest, cosign: sha256(JSON.stringify(manifest)) }
}

test('what refers to an image goes with it: to a layout, and on to a registry', async (t) => {
  const { name, layout } = await pushedImage(t)
  const { digest, size, mediaType } = layout.descriptor
  const signed = await sign(`${registry.url}/v2/${name}`, { digest, size, mediaType })
  const place = `oci:${temporaryDirectory(t)}:v1`
  await copied(`docker://${registry.host}/${name}:v1`, place)
  await copied(place, `docker://${other.host}/signed:v1`)
  const there = `${other.url}/v2/signed/manifests`
  const list = await manifestAt(`${there}/${digest.replace(':', '-')}`)
  const [entry] = (list?.document.manifests ?? []) as Record<string, unknown>[]
  assert.deepEqual([entry?.digest, entry?.artifactType, entry?.annotations], [signed.referrer, 'application/x-test', { a: 'b' }])
  assert.equal((await manifestAt(`${there}/${signed.referrer}`))?.digest, signed.referrer)
  assert.equal((await manifestAt(`${there}/${digest.replace(':', '-')}.sig`))?.digest, signed.cosign)
  await copied(`docker://${registry.host}/${name}:v1`, `docker://${other.host}/unsigned:v1`, '--no-referrers')
  assert.equal(await manifestAt(`${other.url}/v2/unsigned/manifests/${digest.replace(':', '-')}.sig`), undefined)
})

test('with tokens, and another repository of the registry to mount from', async (t) => {
  await using tokens = await startTokenServer({ users: { alice: { password: 'secret' } } })
  await using closed = await startRegistry({ auth: tokens.auth })
  const { name, layout } = await pushedImage(t)
  const auth = Buffer.from('alice:secret').toString('base64')
  const authfile = join(temporaryDirectory(t), 'auth.json')
  writeFileSync(authfile, JSON.stringify({ auths: { [closed.host]: { auth } } }))
  await copied(`docker://${registry.host}/${name}:v1`, `docker://${closed.host}/a:1`, '--authfile', authfile)
  const { digest, stderr } = await copied(`docker://${closed.host}/a:1`, `docker://${closed.host}/b:1`, '--authfile', authfile)
  assert.equal(digest, layout.descriptor.digest)
  assert.match(stderr, /mounted from a/)
})

test('a source that is cut is gone on with, one that lies is refused and leaves nothing', async (t) => {
  const { name, layout } = await pushedImage(t)
  await using cut = await startFaultProxy(registry.url, { faults: [{ path: /\/blobs\//, nth: 1, kind: 'cut', after: 100 }] })
  const { digest } = await copied(`docker://${cut.host}/${name}:v1`, `docker://${other.host}/cut:1`)
  assert.equal(digest, layout.descriptor.digest)
  const directory = temporaryDirectory(t)
  const place = `oci:${directory}/layout:v1`
  await copied(`docker://${registry.host}/${name}:v1`, place)
  const path = join(directory, 'layout/blobs/sha256', layout.images[0]?.layers[0]?.digest.slice(7) ?? '')
  const bytes = readFileSync(path)
  bytes[20] = (bytes[20] ?? 0) ^ 1
  writeFileSync(path, bytes)
  failedWith(await gocker(['copy', place, `oci-archive:${directory}/bad.tar`], { root }), /has the digest/)
  assert.deepEqual(readdirSync(directory), ['layout'])
})

test('what is no place, or not there', async (t) => {
  const directory = temporaryDirectory(t)
  failedWith(await gocker(['copy', 'dir:/x', 'oci:/y'], { root }), /dir: is not a place/)
  failedWith(await gocker(['copy', `oci:${directory}/none`, 'x'], { root }), /index\.json: it is not there/)
  failedWith(await gocker(['copy', 'absent', `oci:${directory}/y`], { root }), /absent/)
  failedWith(await gocker(['copy', `docker://${registry.host}/absent`, `oci:${directory}/z`], { root }), /not found/)
  failedWith(await gocker(['copy', `oci-archive:${directory}/none.tar`, 'x'], { root }), /none\.tar: ENOENT/)
  assert.deepEqual(readdirSync(directory), [])
})

test('several copies at once into one layout: every name is there, and every blob', async (t) => {
  const images = await Promise.all([1, 2, 3, 4].map(() => pushedImage(t)))
  const directory = join(temporaryDirectory(t), 'made/layout')
  await Promise.all(images.map(({ name }, at) => copied(`docker://${registry.host}/${name}:v1`, `oci:${directory}:v${at}`)))
  for (const [at, { layout }] of images.entries()) {
    const { digest } = await copied(`oci:${directory}:v${at}`, `oci:${directory}-again:v${at}`)
    assert.equal(digest, layout.descriptor.digest)
  }
})

test('a copy that fails takes its part of a layout away, and no more', async (t) => {
  const [{ name, layout }, other] = [await pushedImage(t), await pushedImage(t)]
  const last = layout.images[0]?.layers.at(-1)?.digest ?? ''
  await using lies = await startFaultProxy(registry.url, { faults: [{ path: new RegExp(`blobs/${last}`), kind: 'flip', at: 30 }] })
  const directory = temporaryDirectory(t)
  failedWith(await gocker(['copy', `docker://${lies.host}/${name}:v1`, `oci:${directory}/a/b:v1`], { root }), /digest/)
  assert.deepEqual(readdirSync(directory), [])
  await copied(`docker://${registry.host}/${other.name}:v1`, `oci:${directory}/kept:v1`)
  const before = readdirSync(join(directory, 'kept/blobs/sha256'))
  failedWith(await gocker(['copy', `docker://${lies.host}/${name}:v1`, `oci:${directory}/kept:v2`], { root }), /digest/)
  assert.deepEqual(readdirSync(join(directory, 'kept/blobs/sha256')), before)
  assert.equal((await copied(`oci:${directory}/kept`, `oci:${directory}/again`)).digest, other.layout.descriptor.digest)
})

test('places where nothing can be, and devices, which stay what they are', async (t) => {
  const { name } = await pushedImage(t)
  const from = `docker://${registry.host}/${name}:v1`
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'file'), '')
  for (const [place, why] of [
    ['oci:/proc/none/layout', /ENOENT/],
    [`oci:${directory}/file`, /ENOTDIR/],
    [`oci:${directory}/${'x'.repeat(300)}`, /ENAMETOOLONG/],
    ['oci-archive:/proc/none', /ENOENT/],
    [`oci-archive:${directory}`, /it is a directory/],
  ] as const)
    failedWith(await gocker(['copy', from, place], { root }), why)
  assert.deepEqual(readdirSync(directory), ['file'])
  const device = join(directory, 'full')
  execFileSync('mknod', [device, 'c', '1', '7'])
  failedWith(await gocker(['copy', from, `oci-archive:${device}`], { root }), /writing .*ENOSPC/)
  symlinkSync('file', join(directory, 'link'))
  await copied(from, `oci-archive:${directory}/link`)
  assert.equal(lstatSync(device).rdev, makeDevice(1, 7))
  assert.equal(readlinkSync(join(directory, 'link')), 'file')
  await copied(`oci-archive:${directory}/file`, 'from-the-link')
})

function makeDevice(major: number, minor: number): number {
  return (major << 8) | minor
}
