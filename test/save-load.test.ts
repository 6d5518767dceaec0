import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import {
  buildTar,
  busyboxRootfs,
  gocker,
  inspectWithSkopeo,
  leaks,
  makeTemporaryDirectory,
  removeTree,
  temporaryDirectory,
} from '@gocker/testkit'
import { contextOf } from './support/building.ts'
import { failedWith, NOTHING, storeContents, succeeded } from './support/pulling.ts'

const root = makeTemporaryDirectory()
after(() => removeTree(root))
before(async () => {
  const input = gzipSync(busyboxRootfs())
  succeeded(await gocker(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { root, input }))
})

let count = 0
/** An image of a gzip layer, the base's, and a plain one. */
async function built(t: TestContext): Promise<{ name: string; id: string }> {
  const name = `saved-${++count}`
  const context = contextOf(t, { file: `${name}\n`, Gockerfile: 'FROM base\nCOPY file /file\nCMD ["cat", "/file"]\n' })
  return { name, id: succeeded(await gocker(['build', '--network', 'none', '-t', name, context], { root })).stdout.trim() }
}

async function saved(t: TestContext, ...names: string[]): Promise<string> {
  const file = join(temporaryDirectory(t), 'archive.tar')
  succeeded(await gocker(['save', '-o', file, ...names], { root }))
  return file
}

async function ids(place: string): Promise<string[]> {
  const { stdout } = succeeded(await gocker(['images', '-q', '--no-trunc'], { root: place }))
  return [...new Set(stdout.trim().split('\n'))].sort()
}

function copied(from: string, to: string): void {
  execFileSync('skopeo', ['--insecure-policy', 'copy', '--quiet', from, to], { stdio: 'pipe' })
}

test('several images go out and come in again, with their names and ids', async (t) => {
  const [one, two] = [await built(t), await built(t)]
  succeeded(await gocker(['tag', one.name, 'other:name'], { root }))
  const file = await saved(t, one.name, 'other:name', two.name)
  const place = temporaryDirectory(t)
  const { stdout } = succeeded(await gocker(['load', '-i', file], { root: place }))
  assert.deepEqual(stdout, `Loaded image: ${one.name}:latest\nLoaded image: other:name\nLoaded image: ${two.name}:latest\n`)
  assert.deepEqual(await ids(place), [one.id, two.id].sort())
  assert.equal(succeeded(await gocker(['run', '--rm', 'other:name'], { root: place })).stdout, `${one.name}\n`)
})

test('an image that is saved by its id comes in without a name', async (t) => {
  const { id } = await built(t)
  const place = temporaryDirectory(t)
  const { stdout } = succeeded(await gocker(['load', '-i', await saved(t, id)], { root: place }))
  assert.equal(stdout, `Loaded image ID: ${id}\n`)
})

test('stdout to stdin, compressed on the way or not', async (t) => {
  const { name, id } = await built(t)
  const archive = readFileSync(await saved(t, name))
  for (const input of [archive, gzipSync(archive), zstdCompressSync(archive)]) {
    const place = temporaryDirectory(t)
    succeeded(await gocker(['load'], { root: place, input }))
    assert.deepEqual(await ids(place), [id])
  }
})

test('equal images are equal archives', async (t) => {
  const { name } = await built(t)
  assert.ok(readFileSync(await saved(t, name)).equals(readFileSync(await saved(t, name))))
})

test('skopeo reads it as a docker archive and as an OCI archive', async (t) => {
  const { name, id } = await built(t)
  const file = await saved(t, name)
  for (const source of [`docker-archive:${file}:${name}:latest`, `oci-archive:${file}:docker.io/library/${name}:latest`]) {
    const layout = join(temporaryDirectory(t), 'layout')
    copied(source, `oci:${layout}:x`)
    const config = await inspectWithSkopeo(`oci:${layout}:x`, '--config')
    assert.deepEqual((config.config as { Cmd: string[] }).Cmd, ['cat', '/file'])
  }
  const manifest = await inspectWithSkopeo(`oci-archive:${file}:docker.io/library/${name}:latest`, '--raw')
  assert.equal((manifest.config as { digest: string }).digest, id)
})

test('podman loads it and says the same of it', async (t) => {
  const { name, id } = await built(t)
  const directory = temporaryDirectory(t)
  const storage = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run'), '--storage-driver', 'vfs']
  const podman = (...words: string[]) =>
    execFileSync('podman', [...storage, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    podman('load', '-i', await saved(t, name))
    assert.equal(podman('inspect', '--format', '{{.Id}}', name).trim(), id.replace('sha256:', ''))
  } finally {
    podman('rmi', '-af')
  }
})

test('what skopeo writes is loaded: docker archives, OCI archives', async (t) => {
  const { name } = await built(t)
  const source = `oci:${root}/store:docker.io/library/${name}:latest`
  const file = (kind: string) => join(temporaryDirectory(t), `${kind}.tar`)
  const [docker, oci] = [file('docker'), file('oci')]
  copied(source, `docker-archive:${docker}:by-skopeo:docker`)
  copied(source, `oci-archive:${oci}:by-skopeo:oci`)
  for (const [archive, loaded] of [
    [docker, 'by-skopeo:docker'],
    [oci, 'by-skopeo:oci'],
  ] as const) {
    const place = temporaryDirectory(t)
    assert.equal(succeeded(await gocker(['load', '-i', archive], { root: place })).stdout, `Loaded image: ${loaded}\n`)
    assert.equal(succeeded(await gocker(['run', '--rm', loaded], { root: place })).stdout, `${name}\n`)
  }
})

test('what is no archive of images, or not whole, is refused, and no image comes of it', async (t) => {
  const { name } = await built(t)
  const archive = readFileSync(await saved(t, name))
  const damaged = Buffer.from(archive)
  damaged[damaged.indexOf('"rootfs"') + 1] = 0x41
  const wrong: [Uint8Array, RegExp][] = [
    [buildTar([{ name: 'etc/passwd', content: 'root' }]), /neither index\.json nor manifest\.json/],
    [archive.subarray(0, archive.length - 1_000_000), /it is cut short/],
    [damaged, /expected sha256:\w+, blobs\/sha256\/\w+ has sha256:/],
    [buildTar([{ name: 'manifest.json', content: '[{"Config":"x.json","Layers":[]}]' }]), /the archive has no x\.json/],
    [buildTar([{ name: 'manifest.json', content: '{}' }]), /manifest\.json is not as docker writes it/],
    [Buffer.from('plain words, and nothing else'), /cut short/],
  ]
  for (const [input, why] of wrong) {
    const place = temporaryDirectory(t)
    const watch = leaks(place)
    failedWith(await gocker(['load'], { root: place, input }), why)
    watch.assertNone()
    assert.equal((await storeContents(place)).images, NOTHING.images)
  }
})

test('names that cannot be saved, and a place that cannot be written', async (t) => {
  failedWith(await gocker(['save', 'not-here'], { root }), /not-here/)
  const { name } = await built(t)
  failedWith(await gocker(['save', '-o', '/nonexistent/file', name], { root }), /writing \/nonexistent\/file: no such file or directory/)
  const { code } = await gocker(['save', '-o', '/dev/full', name], { root })
  assert.equal(code, 125)
})
