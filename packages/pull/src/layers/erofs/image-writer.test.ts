import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openImage } from '@gocker/kernel'
import { buildTar, type TarPart, temporaryDirectory } from '@gocker/testkit'
import { packLayer } from '../../pack/pack-layer.ts'
import { makeRandomTree } from '../../testing/random-tree.ts'
import { describeTree, type FileDescription } from '../../testing/tree-description.ts'
import { inChunks, unpackBytes } from '../../testing/unpacking.ts'
import { unpackLayer } from '../unpack-layer.ts'

interface Made {
  readonly image: string
  /** Where the image's files can be read. */
  readonly files: string
}

/** Makes an image of an archive; it is mounted nowhere, and gone with the test. */
async function makeImage(t: TestContext, archive: Uint8Array): Promise<Made> {
  const directory = temporaryDirectory(t)
  const image = join(temporaryDirectory(t), 'image')
  await unpackLayer({ source: inChunks(archive, 70_001), compression: 'none', directory, image })
  const mounted = openImage(image)
  t.after(() => closeSync(mounted))
  assert.deepEqual(readdirSync(directory), [])
  return { image, files: `/proc/self/fd/${mounted}/.` }
}

/** That the one form shows what the other does; without the times of directories that no entry made, which are as young as the test. */
async function sameInBothForms(
  t: TestContext,
  parts: readonly TarPart[],
  young: readonly string[] = [],
): Promise<Record<string, FileDescription>> {
  const archive = buildTar(parts)
  const { directory } = await unpackBytes(t, archive)
  const { files, image } = await makeImage(t, archive)
  const [actual, expected] = [describeTree(files), describeTree(directory)]
  for (const tree of [actual, expected]) {
    for (const path of ['.', ...young]) if (tree[path] !== undefined) Object.assign(tree[path], { mtime: 'young' })
    // The test's own directory, unless the archive says what it is to be.
    if (!parts.some((part) => 'name' in part && part.name === './')) Object.assign(tree['.'] ?? {}, { mode: 'own' })
  }
  assert.deepEqual(actual, expected)
  checkImage(image)
  return actual
}

/** By the tools of EROFS's own makers, where they are new enough to know blocks of 512 bytes. */
function checkImage(image: string): void {
  const { status, stdout, stderr } = spawnSync('fsck.erofs', ['--extract', image], { encoding: 'utf8' })
  if (!`${stdout}${stderr}`.includes("blksize 512 isn't supported")) assert.equal(status, 0, `${stdout}${stderr}`)
}

async function packed(directory: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  await packLayer({ directory, whiteouts: 'none' }, (chunk) => void chunks.push(Buffer.from(chunk)))
  return Buffer.concat(chunks)
}

const DIRECTORY = { type: 'directory' } as const

test('a random tree is the same as an image and as a directory', async (t) => {
  for (const seed of [31, 32, 33, 34]) {
    const tree = temporaryDirectory(t)
    makeRandomTree(tree, { seed, files: 200 })
    const { files, image } = await makeImage(t, await packed(tree))
    assert.deepEqual(describeTree(files), describeTree(tree), `seed ${seed}`)
    checkImage(image)
  }
})

test('the archive is in the image as it came', async (t) => {
  const archive = buildTar([
    { name: 'a', content: 'one' },
    { name: 'b', content: Buffer.alloc(100_000, 'two') },
  ])
  const { image } = await makeImage(t, archive)
  assert.ok(
    readFileSync(image)
      .subarray(4096, 4096 + archive.length)
      .equals(archive),
  )
})

test('what is hidden of the layers below is as overlayfs has it', async (t) => {
  const tree = await sameInBothForms(
    t,
    [
      { name: 'd/', ...DIRECTORY, mtime: 5 },
      { name: 'd/.wh.gone', mtime: 7 },
      { name: 'd/.wh.here', mtime: 7 },
      { name: 'd/here', content: 'stays', mtime: 7 },
      { name: 'd/.wh.dir', mtime: 7 },
      { name: 'd/dir/', ...DIRECTORY, mtime: 7 },
      { name: 'o/', ...DIRECTORY, mtime: 5 },
      { name: 'o/.wh..wh..opq', mtime: 7 },
      { name: '.wh..wh.plnk', mtime: 7 },
      { name: '.wh..wh.aufs/x', content: 'no file', mtime: 7 },
      { name: 'made/.wh.x', mtime: 7 },
    ],
    ['./made'],
  )
  assert.equal(tree['./d/gone']?.device, '0')
  assert.equal(tree['./o']?.xattrs?.['trusted.overlay.opaque'], Buffer.from('y').toString('hex'))
  assert.equal(tree['./d/dir']?.xattrs?.['trusted.overlay.opaque'], Buffer.from('y').toString('hex'))
  assert.equal(tree['./d/here']?.device, undefined)
})

test('of two entries of a name the later one counts; a directory keeps what is in it', async (t) => {
  const tree = await sameInBothForms(t, [
    { name: 'f', content: 'first', mtime: 1 },
    { name: 'g', type: 'hardlink', link: 'f', mtime: 1 },
    { name: 'f', content: 'second', mtime: 2 },
    { name: 'd/', ...DIRECTORY, mode: 0o700, mtime: 3 },
    { name: 'd/x', content: 'x', mtime: 3 },
    { name: 'd/y', type: 'hardlink', link: 'g', mtime: 3 },
    { name: 'd/', ...DIRECTORY, mode: 0o751, mtime: 4 },
    { name: 'e/z/', ...DIRECTORY, mtime: 4 },
    { name: 'e', content: 'a file now', mtime: 5 },
    { name: 'h', content: 'a directory soon', mtime: 5 },
    { name: 'h/', ...DIRECTORY, mtime: 6 },
    { name: 'h/in', content: 'in', mtime: 6 },
    { name: 'h/', ...DIRECTORY, mtime: 6 },
  ])
  assert.deepEqual(Object.keys(tree).sort(), ['.', './d', './d/x', './d/y', './e', './f', './g', './h', './h/in'])
})

test('names lead through symlinks of the same layer, and never out', async (t) => {
  await sameInBothForms(
    t,
    [
      { name: 'usr/lib/', ...DIRECTORY, mtime: 1 },
      { name: 'lib', type: 'symlink', link: 'usr/lib', mtime: 1 },
      { name: 'lib/a', content: 'a', mtime: 1 },
      { name: 'abs', type: 'symlink', link: '/usr/lib', mtime: 1 },
      { name: 'abs/b', content: 'b', mtime: 1 },
      { name: 'up', type: 'symlink', link: '../../../out', mtime: 1 },
      { name: 'up/c', content: 'c', mtime: 1 },
      { name: 'same', type: 'hardlink', link: 'lib/a', mtime: 1 },
      { name: '/absolute', content: 'inside', mtime: 1 },
    ],
    ['./usr', './usr/lib', './out'],
  )
})

test('every kind of file, owner, time and attribute', async (t) => {
  const long = 'l'.repeat(3000)
  await sameInBothForms(t, [
    { name: './', ...DIRECTORY, mode: 0o1711, uid: 5, gid: 6, mtime: 9 },
    { name: 'setuid', content: 'x', mode: 0o4755, uid: 4_000_000_000, gid: 3_000_000_000, mtime: 1, format: 'gnu', base256: true },
    { name: 'empty', mtime: -86_400, format: 'gnu', base256: true },
    { name: 'nanoseconds', pax: { mtime: '1700000000.123456789' } },
    { name: 'short', type: 'symlink', link: 'x', mtime: 1 },
    { name: 'long', type: 'symlink', link: long, format: 'pax', mtime: 1 },
    { name: 'char', type: 'character', device: { major: 4095, minor: 1_048_575 }, mtime: 1, format: 'pax' },
    { name: 'block', type: 'block', device: { major: 8, minor: 17 }, mtime: 1 },
    { name: 'fifo', type: 'fifo', mtime: 1 },
    { name: Buffer.from([0x61, 0xff, 0x80]), content: 'not UTF-8', mtime: 1 },
    { name: 'n'.repeat(255), content: 'long name', format: 'pax', mtime: 1 },
    { name: 'xattrs', content: 'x', pax: { 'SCHILY.xattr.user.one': 'first', 'SCHILY.xattr.trusted.two': 't'.repeat(3000), mtime: '1' } },
    { name: 'link', type: 'symlink', link: 'y'.repeat(300), pax: { 'SCHILY.xattr.trusted.t': 'v'.repeat(100), mtime: '1' } },
    { name: 'overlay', content: 'x', pax: { 'SCHILY.xattr.trusted.overlay.opaque': 'y', mtime: '1' } },
  ])
})

test('a directory of many names, each of them found', async (t) => {
  const names = Array.from({ length: 5000 }, (_, index) => `${(index * 7919) % 5000}-${'n'.repeat(index % 180)}`)
  const { files } = await makeImage(t, buildTar(names.map((name) => ({ name: `d/${name}`, content: name }))))
  assert.deepEqual(readdirSync(`${files}/d`).sort(), [...names].sort())
  for (const name of names) assert.equal(readFileSync(`${files}/d/${name}`, 'latin1'), name)
  assert.equal(lstatSync(`${files}/d/none`, { throwIfNoEntry: false }), undefined)
})

test('a sparse file of terabytes takes no more room than its data', async (t) => {
  const size = 6 * 2 ** 40
  const map = [
    [1 << 20, 4096],
    [size - 1000, 1000],
  ]
  const content = Buffer.concat([Buffer.alloc(4096, 'a'), Buffer.alloc(1000, 'z')])
  const text = `${map.length}\n${map.flat().join('\n')}\n`
  const body = Buffer.concat([Buffer.from(text.padEnd(512, '\0')), content])
  const sparse = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'huge', 'GNU.sparse.realsize': `${size}` }
  const { image, files } = await makeImage(
    t,
    buildTar([
      { name: 'GNUSparseFile.0/huge', content: body, pax: sparse },
      { name: 'next', content: 'after' },
    ]),
  )
  const fd = openSync(`${files}/huge`, 'r')
  t.after(() => closeSync(fd))
  const read = (position: number, length: number) => {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(fd, bytes, 0, length, position)).toString('latin1')
  }
  assert.equal(statSync(`${files}/huge`).size, size)
  assert.equal(read((1 << 20) - 2, 4), '\0\0aa')
  assert.equal(read((1 << 20) + 4094, 4), 'aa\0\0')
  assert.equal(read(size - 1002, 2000), `\0\0${'z'.repeat(1000)}`)
  assert.equal(read(3 * 2 ** 40, 3), '\0\0\0')
  assert.equal(readFileSync(`${files}/next`, 'latin1'), 'after')
  assert.ok(statSync(image).blocks * 512 < 1 << 20)
})

test('an empty archive is an empty directory', async (t) => {
  await sameInBothForms(t, [])
})

test('what no file system can hold is refused by name', async (t) => {
  const refused: readonly (readonly [TarPart, RegExp])[] = [
    [{ name: '../x', content: '' }, /"\.\.\/x".*\.\./],
    [{ name: 'n'.repeat(256), content: '', format: 'pax' }, /at most 255 bytes/],
    [{ name: 'l', type: 'hardlink', link: 'missing' }, /which no entry made/],
    [{ name: './', type: 'symlink', link: 'x' }, /layer's root/],
    [{ name: 'x', content: '', pax: { 'SCHILY.xattr.nonsense': 'y' } }, /attribute nonsense/],
  ]
  for (const [part, why] of refused)
    await assert.rejects(makeImage(t, buildTar([part])), { name: 'PullError', code: 'BAD_ARCHIVE', message: why })
})

test('what the tools of EROFS make of the same tree looks the same', async (t) => {
  const tree = temporaryDirectory(t)
  makeRandomTree(tree, { seed: 41, files: 80 })
  const theirs = join(temporaryDirectory(t), 'image')
  execFileSync('mkfs.erofs', ['--preserve-mtime', theirs, tree], { stdio: 'pipe' })
  const mounted = openImage(theirs)
  t.after(() => closeSync(mounted))
  const { files } = await makeImage(t, await packed(tree))
  assert.deepEqual(describeTree(files), describeTree(`/proc/self/fd/${mounted}/.`))
})

test('each image has a UUID of its own, by which overlayfs tells their files apart', async (t) => {
  const uuids: string[] = []
  for (let made = 0; made < 2; made++) {
    const { image } = await makeImage(t, buildTar([{ name: 'same', content: 'same' }]))
    uuids.push(readFileSync(image).toString('hex', 1024 + 48, 1024 + 64))
  }
  assert.equal(new Set([...uuids, '0'.repeat(32)]).size, 3)
})
