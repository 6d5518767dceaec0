import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, lstatSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeDevice, mknod, setTimes, setXattr } from '@gocker/kernel'
import { digestOf } from '@gocker/oci'
import { temporaryDirectory } from '@gocker/testkit'
import { makeRandomTree } from '../testing/random-tree.ts'
import { describeTree } from '../testing/tree-description.ts'
import { unpackBytes } from '../testing/unpacking.ts'
import { type PackedLayer, type PackLayerOptions, packLayer } from './pack-layer.ts'

interface Packed extends PackedLayer {
  readonly bytes: Buffer
}

async function pack(directory: string, options: Partial<PackLayerOptions> = {}): Promise<Packed> {
  const chunks: Buffer[] = []
  const packed = await packLayer({ directory, whiteouts: 'none', ...options }, (chunk) => void chunks.push(chunk))
  return { ...packed, bytes: Buffer.concat(chunks) }
}

function listed(bytes: Buffer): string[] {
  return execFileSync('tar', ['--list', '--quoting-style=literal'], { input: bytes, encoding: 'latin1' }).trim().split('\n')
}

/** Makes an upper directory as a container leaves it: by overlayfs itself, in a mount namespace of its own. */
function overlayUpper(t: TestContext, script: string): string {
  const place = temporaryDirectory(t)
  for (const name of ['lower/dir/inner', 'upper', 'work', 'root']) mkdirSync(join(place, name), { recursive: true })
  for (const name of ['keep', 'gone', 'dir/old', 'dir/inner/x']) writeFileSync(join(place, 'lower', name), name)
  const mount = 'mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work,redirect_dir=off,metacopy=off overlay root'
  execFileSync('unshare', ['--mount', 'sh', '-ec', `${mount}; cd root; ${script}`], { cwd: place })
  return join(place, 'upper')
}

test('a random tree goes through pack and unpack unchanged, and equal trees give equal bytes', async (t) => {
  for (const seed of [11, 12, 13]) {
    const tree = temporaryDirectory(t)
    makeRandomTree(tree, { seed, files: 120 })
    const first = await pack(tree)
    const { directory } = await unpackBytes(t, first.bytes)
    assert.deepEqual(describeTree(directory), describeTree(tree), `seed ${seed}`)
    const second = await pack(directory)
    assert.ok(second.bytes.equals(first.bytes))
    assert.deepEqual([first.diffID, first.size], [digestOf(first.bytes), first.bytes.length])
    assert.equal(first.entries, Object.keys(describeTree(tree)).length)
  }
})

test('GNU tar reads what we pack', async (t) => {
  const [tree, theirs] = [temporaryDirectory(t), temporaryDirectory(t)]
  makeRandomTree(tree, { seed: 21 })
  const { bytes } = await pack(tree)
  execFileSync('tar', ['--extract', '--directory', theirs, '--numeric-owner', '--preserve-permissions', '--xattrs', '--xattrs-include=*'], {
    input: bytes,
    stdio: 'pipe',
  })
  assert.deepEqual(describeTree(theirs), describeTree(tree))
})

test('names stand in the order of their bytes, no name of an owner is told', async (t) => {
  const tree = temporaryDirectory(t)
  for (const name of ['b', 'a-', 'a', 'B', 'é', '\u{1f600}']) writeFileSync(join(tree, name), '')
  mkdirSync(join(tree, 'a.d'))
  const { bytes } = await pack(tree)
  assert.deepEqual(
    listed(bytes).map((name) => Buffer.from(name, 'latin1').toString()),
    ['./', 'B', 'a', 'a-', 'a.d/', 'b', 'é', '\u{1f600}'],
  )
  assert.ok(!bytes.includes('root'))
})

test('no entry is younger than the clamp', async (t) => {
  const tree = temporaryDirectory(t)
  writeFileSync(join(tree, 'young'), '')
  writeFileSync(join(tree, 'old'), '')
  setTimes(join(tree, 'old'), { atime: { seconds: 0, nanoseconds: 0 }, mtime: { seconds: 1000, nanoseconds: 5 } })
  const { directory } = await unpackBytes(t, (await pack(tree, { clampTo: 5000 })).bytes)
  const time = (name: string) => lstatSync(join(directory, name), { bigint: true }).mtimeNs
  assert.deepEqual([time('young'), time('old'), time('.')], [5000n * 10n ** 9n, 1000n * 10n ** 9n + 5n, 5000n * 10n ** 9n])
})

test("an upper directory's whiteouts and opaque directories become a layer's, and come back", async (t) => {
  const upper = overlayUpper(t, 'rm gone; rm -r dir; mkdir dir; echo n >dir/new; echo more >>keep; ln keep also')
  const { bytes, entries } = await pack(upper, { whiteouts: 'overlay' })
  const names = listed(bytes)
  assert.deepEqual(names, ['also', 'dir/', 'dir/.wh..wh..opq', 'dir/new', '.wh.gone', 'keep'])
  assert.equal(entries, names.length)
  const { directory } = await unpackBytes(t, bytes)
  const [{ '.': _, ...actual }, { '.': __, ...expected }] = [describeTree(directory), describeTree(upper)]
  // What overlayfs notes for itself in an upper directory is not the layer's.
  for (const file of Object.values(expected))
    for (const name of ['trusted.overlay.origin', 'trusted.overlay.impure']) delete file.xattrs?.[name]
  for (const file of Object.values(expected)) if (Object.keys(file.xattrs ?? {}).length === 0) delete (file as { xattrs?: unknown }).xattrs
  for (const files of [actual, expected])
    for (const file of Object.values(files)) if (file.device === '0') Object.assign(file, { mode: '' })
  assert.deepEqual(actual, expected)
})

test('refuses an upper directory that only makes sense above its lower ones, and names that would hide others', async (t) => {
  for (const spoil of [
    (tree: string) => setXattr(join(tree, 'd'), 'trusted.overlay.redirect', Buffer.from('/old')),
    (tree: string) => writeFileSync(join(tree, '.wh.mine'), ''),
  ]) {
    const tree = temporaryDirectory(t)
    mkdirSync(join(tree, 'd'))
    spoil(tree)
    await assert.rejects(pack(tree, { whiteouts: 'overlay' }), { code: 'READ_FAILED' })
    assert.equal((await pack(tree)).entries, readdirSync(tree).length + 1)
  }
})

test('symlinks are not followed, sockets are left out', async (t) => {
  const tree = temporaryDirectory(t)
  symlinkSync('/etc', join(tree, 'etc'))
  mknod(join(tree, 'null'), 0o020666, makeDevice(1, 3))
  const server = createServer().listen(join(tree, 'socket'))
  t.after(() => server.close())
  assert.deepEqual(listed((await pack(tree)).bytes), ['./', 'etc', 'null'])
})

test('an empty directory is an archive with an end', async (t) => {
  const { bytes } = await pack(temporaryDirectory(t), { whiteouts: 'overlay' })
  assert.ok(bytes.equals(Buffer.alloc(1024)))
})

test('a file that changes while it is read is an error', async (t) => {
  const tree = temporaryDirectory(t)
  const file = join(tree, 'log')
  writeFileSync(file, Buffer.alloc(32 << 20))
  utimesSync(file, 1, 1)
  let isFirst = true
  const sink = () => {
    if (isFirst) appendFileSync(file, 'more')
    isFirst = false
  }
  await assert.rejects(packLayer({ directory: tree, whiteouts: 'none' }, sink), { code: 'FILE_CHANGED', message: /"\/log"/ })
})

test('a sink that fails, and an abort, end it', async (t) => {
  const tree = temporaryDirectory(t)
  writeFileSync(join(tree, 'big'), Buffer.alloc(32 << 20))
  const full = new Error('full')
  await assert.rejects(
    packLayer({ directory: tree, whiteouts: 'none' }, () => Promise.reject(full)),
    full,
  )
  const abort = new AbortController()
  const enough = new Error('enough')
  const sink = () => abort.abort(enough)
  await assert.rejects(packLayer({ directory: tree, whiteouts: 'none', signal: abort.signal }, sink), enough)
  await assert.rejects(
    packLayer({ directory: join(tree, 'missing'), whiteouts: 'none' }, () => {}),
    { code: 'READ_FAILED' },
  )
})
