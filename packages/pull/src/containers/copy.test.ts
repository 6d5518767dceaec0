import assert from 'node:assert/strict'
import { chmodSync, chownSync, existsSync, linkSync, lstatSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { getXattr, readMountInfo, setXattr } from '@gocker/kernel'
import { openStore, type Store } from '@gocker/store'
import { temporaryDirectory } from '@gocker/testkit'
import { fill, listing } from '../testing/written-tree.ts'
import { copyFromContainer, copyToContainer, exportContainer } from './copy.ts'

interface Box {
  readonly store: Store
  readonly container: string
  /** The container's own files. */
  readonly inside: string
  /** A directory of the host. */
  readonly outside: string
}

interface Mount {
  readonly source: string
  readonly destination: string
  readonly options?: readonly string[]
}

/** A container that does not run, with these files on both sides; a name that ends with / is a directory, `-> x` a symlink's content. */
async function box(t: TestContext, { inside = {}, outside = {}, mounts = [], readonly = false }: BoxInput = {}): Promise<Box> {
  const root = temporaryDirectory(t)
  const store = await openStore({ root: join(root, 'store'), run: join(root, 'run') })
  const { id } = await store.containers.create()
  const bundle = store.paths.bundle(id)
  const spec = { root: { readonly }, mounts: mounts.map((mount) => ({ type: 'bind', ...mount })) }
  writeFileSync(bundle.config, JSON.stringify(spec))
  mkdirSync(join(root, 'host'))
  fill(bundle.upper, inside)
  fill(join(root, 'host'), outside)
  return { store, container: id, inside: bundle.upper, outside: join(root, 'host') }
}

interface BoxInput {
  readonly inside?: Readonly<Record<string, string>>
  readonly outside?: Readonly<Record<string, string>>
  readonly mounts?: readonly Mount[]
  readonly readonly?: boolean
}

const FILES = { f: 'content', 'd/x': 'X', 'd/sub/y': 'Y', l: '-> f', ld: '-> d' }

test('with -L what a symlink leads to is copied, under its name', async (t) => {
  const { outside, inside, ...options } = await box(t, { inside: FILES })
  await copyFromContainer({ ...options, path: 'l', destination: `${outside}/new`, follow: true })
  await copyFromContainer({ ...options, path: 'ld', destination: outside, follow: true })
  assert.deepEqual(listing(outside), ['ld/', 'ld/sub/', 'ld/sub/y Y', 'ld/x X', 'new content'])
})

test('modes, times, attributes and hard links stay as they are', async (t) => {
  const { outside, inside, ...options } = await box(t, { inside: { 'd/a': 'A' } })
  chmodSync(join(inside, 'd'), 0o2751)
  chmodSync(join(inside, 'd/a'), 0o640)
  linkSync(join(inside, 'd/a'), join(inside, 'd/b'))
  setXattr(join(inside, 'd/a'), 'user.note', Buffer.from('kept'))
  utimesSync(join(inside, 'd/a'), 1, 1_000_000_000.5)
  await copyFromContainer({ ...options, path: 'd', destination: outside })
  await copyToContainer({ ...options, source: join(outside, 'd'), path: '/back' })
  for (const root of [join(outside, 'd'), join(inside, 'back')]) {
    const { mode, nlink, mtimeMs } = lstatSync(join(root, 'b'))
    assert.deepEqual([lstatSync(root).mode & 0o7777, mode & 0o7777, nlink, mtimeMs], [0o2751, 0o640, 2, 1_000_000_000_500])
    assert.equal(getXattr(join(root, 'b'), 'user.note')?.toString(), 'kept')
  }
})

test("files are root's in the container, and keep their owners with -a", async (t) => {
  const { outside, inside, ...options } = await box(t, { outside: { f: '' } })
  chownSync(join(outside, 'f'), 1234, 4321)
  chmodSync(join(outside, 'f'), 0o4755)
  await copyToContainer({ ...options, source: join(outside, 'f'), path: '/plain' })
  await copyToContainer({ ...options, source: join(outside, 'f'), path: '/kept', keepOwners: true })
  const facts = (path: string) => {
    const { uid, gid, mode } = lstatSync(path)
    return [uid, gid, mode & 0o7777]
  }
  // A set-user-ID program of another user would be root's now.
  assert.deepEqual(facts(join(inside, 'plain')), [0, 0, 0o755])
  assert.deepEqual(facts(join(inside, 'kept')), [1234, 4321, 0o4755])
  await copyFromContainer({ ...options, path: 'kept', destination: join(outside, 'mine') })
  await copyFromContainer({ ...options, path: 'kept', destination: join(outside, 'theirs'), keepOwners: true })
  assert.deepEqual(facts(join(outside, 'mine')), [process.geteuid?.(), process.getegid?.(), 0o755])
  assert.deepEqual(facts(join(outside, 'theirs')), [1234, 4321, 0o4755])
})

test('names that are whiteouts in layers are names as any other', async (t) => {
  const { outside, inside, ...options } = await box(t, { outside: { 'd/.wh.x': 'kept', 'd/.wh..wh..opq': 'kept' } })
  await copyToContainer({ ...options, source: join(outside, 'd'), path: '/' })
  assert.deepEqual(listing(inside), ['d/', 'd/.wh..wh..opq kept', 'd/.wh.x kept'])
})

test('a tar goes from one container into another', async (t) => {
  const from = await box(t, { inside: FILES })
  const to = await box(t, { inside: { 'dir/': '', file: 'old', 'wrong/d': 'a file' } })
  const chunks: Buffer[] = []
  await copyFromContainer({ ...from, path: 'd', destination: (chunk) => void chunks.push(chunk) })
  async function* source() {
    yield* chunks
  }
  await copyToContainer({ ...to, path: 'dir', source: source() })
  assert.deepEqual(listing(join(to.inside, 'dir')), ['d/', 'd/sub/', 'd/sub/y Y', 'd/x X'])
  for (const [path, said] of [
    ['file', /file: it is no directory/],
    ['no', /no: no such directory/],
    ['wrong', /cannot overwrite a file with a directory/],
  ] as const)
    await assert.rejects(copyToContainer({ ...to, path, source: source() }), { message: said })
})

test('no symlink of the container leads out of it, and none of the archive out of the destination', async (t) => {
  const { outside, inside, ...options } = await box(t, { outside: { secret: 'of the host', f: 'new' } })
  fill(inside, { out: `-> ${outside}`, up: `-> ${'../'.repeat(20)}${outside}` })
  for (const path of ['out/secret', 'up/secret'])
    await assert.rejects(copyFromContainer({ ...options, path, destination: join(outside, 'got') }), { code: 'NO_SUCH_FILE' })
  await assert.rejects(copyToContainer({ ...options, source: join(outside, 'f'), path: 'out/f2' }), { code: 'NO_SUCH_FILE' })
  assert.deepEqual(listing(outside), ['f new', 'secret of the host'])
})

test('volumes are read and written where they are mounted, and read-only ones not written', async (t) => {
  const host = temporaryDirectory(t)
  fill(host, { 'rw/f': 'volume', 'ro/f': 'kept', hosts: 'own' })
  const mounts = [
    { source: join(host, 'rw'), destination: '/data/deep', options: ['rbind', 'rw'] },
    { source: join(host, 'ro'), destination: '/fixed', options: ['rbind', 'rro'] },
    { source: join(host, 'hosts'), destination: '/etc/hosts', options: ['rbind', 'rw'] },
  ]
  const { outside, inside, ...options } = await box(t, { mounts, outside: { new: 'N' } })
  await copyFromContainer({ ...options, path: '/data', destination: outside })
  await copyFromContainer({ ...options, path: '/etc/hosts', destination: outside })
  await copyToContainer({ ...options, source: join(outside, 'new'), path: '/data/deep/new' })
  assert.deepEqual(listing(outside), ['data/', 'data/deep/', 'data/deep/f volume', 'hosts own', 'new N'])
  assert.equal(readFileSync(join(host, 'rw/new'), 'utf8'), 'N')
  await assert.rejects(copyToContainer({ ...options, source: join(outside, 'new'), path: '/fixed/' }), { message: /EROFS/ })
  assert.deepEqual(listing(join(host, 'ro')), ['f kept'])
})

test('a mount point that is a symlink of the image does not lead out', async (t) => {
  const host = temporaryDirectory(t)
  fill(host, { 'volume/f': 'volume', 'target/': '' })
  const mounts = [{ source: join(host, 'volume'), destination: '/data', options: ['rbind', 'rw'] }]
  const { outside, ...options } = await box(t, { mounts, inside: { data: `-> ${host}/target` }, outside: { new: 'N' } })
  await assert.rejects(copyToContainer({ ...options, source: join(outside, 'new'), path: '/data/' }))
  assert.deepEqual(listing(host), ['target/', 'volume/', 'volume/f volume'])
})

test('a read-only root is not written, what is mounted in it is', async (t) => {
  const host = temporaryDirectory(t)
  const mounts = [{ source: host, destination: '/data', options: ['rbind', 'rw'] }]
  const { outside, inside, ...options } = await box(t, { mounts, readonly: true, outside: { new: 'N' } })
  await assert.rejects(copyToContainer({ ...options, source: join(outside, 'new'), path: '/new' }), { message: /EROFS/ })
  await copyToContainer({ ...options, source: join(outside, 'new'), path: '/data' })
  assert.deepEqual([existsSync(join(inside, 'new')), listing(host)], [false, ['new N']])
})

test('a device of the host is not replaced by a file', async (t) => {
  const { outside, ...options } = await box(t, { inside: FILES })
  await assert.rejects(copyFromContainer({ ...options, path: 'f', destination: '/dev/null' }), { code: 'CANNOT_OVERWRITE' })
  assert.equal(lstatSync('/dev/null').isCharacterDevice(), true)
})

test('an export leaves out what is mounted; the host sees no mount of any of this', async (t) => {
  const host = temporaryDirectory(t)
  fill(host, { f: 'volume' })
  const { outside, ...options } = await box(t, { inside: FILES, mounts: [{ source: host, destination: '/data', options: ['rbind'] }] })
  const before = readMountInfo().length
  const chunks: Buffer[] = []
  await exportContainer(options, (chunk) => void chunks.push(chunk))
  const text = Buffer.concat(chunks).toString('latin1')
  assert.deepEqual(
    [text.includes('d/sub/y') && !text.includes('./d'), text.includes('volume'), readMountInfo().length],
    [true, false, before],
  )
})

test('a copy that is given up ends both sides', async (t) => {
  // More than fits between the threads.
  const { outside, ...options } = await box(t, { inside: { large: 'x'.repeat(16 << 20) } })
  const controller = new AbortController()
  const destination = () => controller.abort(new Error('enough'))
  await assert.rejects(copyFromContainer({ ...options, path: '/', destination, signal: controller.signal }), { message: 'enough' })
})
