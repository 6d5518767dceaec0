import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type TestContext, test } from 'node:test'
import { getXattr, MOUNT_FLAGS, mount, unmount } from '@gocker/kernel'
import { digestOf } from '@gocker/oci'
import { buildTar, compress, type TarPart, temporaryDirectory } from '@gocker/testkit'
import type { PullErrorCode } from '../error.ts'
import { inChunks, unpackBytes, unpackParts } from '../testing/unpacking.ts'
import { unpackLayer } from './unpack-layer.ts'

async function refuses(
  t: TestContext,
  parts: readonly TarPart[],
  { code = 'BAD_ARCHIVE', why }: { code?: PullErrorCode; why: RegExp },
): Promise<void> {
  await assert.rejects(unpackParts(t, parts), { code, message: why })
}

function isWhiteout(path: string): boolean {
  const stats = lstatSync(path)
  return stats.isCharacterDevice() && stats.rdev === 0
}

function isOpaque(path: string): boolean {
  return getXattr(path, 'trusted.overlay.opaque')?.toString() === 'y'
}

const CAPABILITY = Buffer.from('0100000200200000000000000000000000000000', 'hex')

for (const compression of ['none', 'gzip', 'zstd'] as const)
  test(`unpacks ${compression} and says what it was`, async (t) => {
    const tar = buildTar([{ name: 'a', content: 'x'.repeat(3_000_000) }, { name: 'b' }])
    const layer = await unpackBytes(t, compress(tar, compression), compression)
    assert.deepEqual([layer.diffID, layer.size, layer.entries], [digestOf(tar), tar.length, 2])
    assert.equal(readFileSync(join(layer.directory, 'a'), 'utf8'), 'x'.repeat(3_000_000))
  })

for (const compression of ['none', 'gzip', 'zstd'] as const)
  test(`unpacks ${compression} that another thread inflates, and tells what either of them has met`, async (t) => {
    const tar = buildTar([{ name: 'a', content: 'x'.repeat(9_000_001) }, { name: 'b' }])
    const bytes = compress(tar, compression)
    const unpack = (source: Uint8Array) =>
      unpackLayer({ source: inChunks(source, 65_536), compression, directory: temporaryDirectory(t), inflateAside: true })
    for (let times = 0; times < 2; times++) assert.equal((await unpack(bytes)).diffID, digestOf(tar))
    await assert.rejects(unpack(bytes.subarray(0, bytes.length >> 1)), { code: 'BAD_ARCHIVE' })
    const bad = buildTar([{ name: '../x' }, { name: 'b', content: Buffer.alloc(30 << 20) }])
    await assert.rejects(unpack(compress(bad, compression)), { code: 'BAD_ARCHIVE', message: /"\.\."/ })
  })

test('a thread that has unpacked a layer unpacks the next one elsewhere, by paths that are relative, too', async (t) => {
  const root = temporaryDirectory(t)
  for (const name of ['one', 'two', 'three']) {
    const directory = join(root, name)
    mkdirSync(directory)
    const source = inChunks(
      buildTar([
        { name: 'out', type: 'symlink', link: '/' },
        { name: `out/${name}`, content: name },
      ]),
      4096,
    )
    await unpackLayer({ source, compression: 'none', directory: relative(process.cwd(), directory) })
    assert.deepEqual(readdirSync(directory).sort(), [name, 'out'].sort())
  }
  assert.deepEqual(readdirSync(root).sort(), ['one', 'three', 'two'])
})

test('what follows the end marker belongs to the diffID', async (t) => {
  const tar = Buffer.concat([buildTar([{ name: 'a' }]), Buffer.alloc(700_000, 'junk')])
  assert.equal((await unpackBytes(t, tar)).diffID, digestOf(tar))
})

test('owner, setuid bits and capabilities survive each other', async (t) => {
  const xattrs = { 'security.capability': CAPABILITY, 'user.note': 'n' }
  const { directory } = await unpackParts(t, [
    { name: 'ping', mode: 0o6755, uid: 5, gid: 6, mtime: { seconds: 77, nanoseconds: 123_456_789 }, content: 'x', xattrs },
  ])
  const ping = join(directory, 'ping')
  const { mode, uid, gid, mtimeNs } = lstatSync(ping, { bigint: true })
  assert.deepEqual([mode, uid, gid, mtimeNs], [0o106755n, 5n, 6n, 77_123_456_789n])
  assert.deepEqual(getXattr(ping, 'security.capability'), CAPABILITY)
  assert.equal(getXattr(ping, 'user.note')?.toString(), 'n')
})

test('a directory passes neither its group nor its access list on to what is made in it', async (t) => {
  const acl = Buffer.from('0200000001000700ffffffff04000500ffffffff20000500ffffffff', 'hex')
  const { directory } = await unpackParts(t, [
    { name: 'd/', mode: 0o2775, gid: 50, mtime: 5, xattrs: { 'system.posix_acl_default': acl } },
    { name: 'd/f', mode: 0o666 },
    { name: 'd/e/', mode: 0o755 },
  ])
  const [file, inner, outer] = ['d/f', 'd/e', 'd'].map((name) => lstatSync(join(directory, name)))
  assert.deepEqual([file?.gid, file?.mode], [0, 0o100666])
  assert.deepEqual([inner?.gid, inner?.mode], [0, 0o40755])
  assert.deepEqual([outer?.gid, outer?.mode, outer?.mtimeMs], [50, 0o42775, 5000])
  assert.equal(getXattr(join(directory, 'd/e'), 'system.posix_acl_default'), undefined)
})

test('the archive has a word on the root of the layer', async (t) => {
  const { directory } = await unpackParts(t, [{ name: './', mode: 0o1711, uid: 3, mtime: 9 }, { name: './f' }])
  const { mode, uid, mtimeMs } = statSync(directory)
  assert.deepEqual([mode, uid, mtimeMs], [0o41711, 3, 9000])
})

test('parents that no entry made are 0755 and root-owned, and take their entry when it comes late', async (t) => {
  const { directory } = await unpackParts(t, [{ name: 'a/b/f' }, { name: 'a/', mode: 0o700, uid: 4 }])
  const [a, b] = ['a', 'a/b'].map((name) => statSync(join(directory, name)))
  assert.deepEqual([a?.mode, a?.uid, b?.mode, b?.uid], [0o40700, 4, 0o40755, 0])
})

test('a later entry replaces an earlier one', async (t) => {
  const { directory } = await unpackParts(t, [
    { name: 'file', content: 'old' },
    { name: 'kept', type: 'hardlink', link: 'file' },
    { name: 'file', content: 'new' },
    { name: 'dir/' },
    { name: 'dir/x' },
    { name: 'dir/', mode: 0o700 },
    { name: 'tree/deep/er/f' },
    { name: 'tree', content: 'file now' },
    { name: 'link', type: 'symlink', link: 'dir' },
    { name: 'link', content: 'was a link' },
    { name: 'was-file' },
    { name: 'was-file/', mode: 0o711 },
    { name: 'was-file/below' },
    { name: 'was-link', type: 'symlink', link: 'dir' },
    { name: 'was-link/' },
    { name: 'parent' },
    { name: 'parent/child', content: 'c' },
    { name: 'fifo', type: 'fifo' },
    { name: 'fifo', type: 'symlink', link: 'x' },
  ])
  const text = (name: string) => readFileSync(join(directory, name), 'utf8')
  assert.deepEqual(
    [text('file'), text('kept'), text('tree'), text('link'), text('parent/child')],
    ['new', 'old', 'file now', 'was a link', 'c'],
  )
  assert.ok(existsSync(join(directory, 'dir/x')))
  assert.equal(statSync(join(directory, 'dir')).mode, 0o40700)
  assert.ok(existsSync(join(directory, 'was-file/below')))
  assert.ok(lstatSync(join(directory, 'was-link')).isDirectory())
  assert.equal(readlinkSync(join(directory, 'fifo')), 'x')
  assert.deepEqual(readdirSync(join(directory, 'dir')), ['x'])
})

test('a hard link to itself changes nothing', async (t) => {
  const { directory } = await unpackParts(t, [
    { name: 'f', content: 'x' },
    { name: './f', type: 'hardlink', link: 'f' },
  ])
  assert.equal(readFileSync(join(directory, 'f'), 'utf8'), 'x')
})

test('a hard link to a symlink is one to the symlink itself', async (t) => {
  const { directory } = await unpackParts(t, [
    { name: 's', type: 'symlink', link: '/etc/passwd' },
    { name: 'h', type: 'hardlink', link: 's' },
  ])
  assert.equal(readlinkSync(join(directory, 'h')), '/etc/passwd')
})

test('sparse files keep their holes', async (t) => {
  const size = 64 << 20
  const regions = [{ offset: 32 << 20, content: 'in the middle' }]
  for (const form of ['gnu-old', 'pax-0.0', 'pax-0.1', 'pax-1.0'] as const) {
    const { directory } = await unpackParts(t, [{ name: 's', sparse: { form, size, regions } }])
    const stats = statSync(join(directory, 's'))
    assert.equal(stats.size, size)
    assert.ok(stats.blocks * 512 < 1 << 20, `${stats.blocks} blocks`)
    assert.equal(readFileSync(join(directory, 's')).toString('latin1', 32 << 20, (32 << 20) + 13), 'in the middle')
  }
})

test('nothing leaves the layer', async (t) => {
  const outside = temporaryDirectory(t)
  writeFileSync(join(outside, 'victim'), 'untouched')
  const { directory } = await unpackParts(t, [
    { name: `${outside}/absolute`, content: 'a' },
    { name: 'out', type: 'symlink', link: outside },
    { name: 'out/through', content: 't' },
    { name: 'out/victim', content: 'overwritten' },
    { name: 'up', type: 'symlink', link: '../../../../../../../..' },
    { name: `up${outside}/climbed`, content: 'c' },
    { name: 'file-link', type: 'symlink', link: `${outside}/victim` },
    { name: 'file-link', content: 'replaces the link' },
    { name: 'h', type: 'hardlink', link: `${outside}/victim` },
  ])
  assert.deepEqual(readdirSync(outside), ['victim'])
  assert.equal(readFileSync(join(outside, 'victim'), 'utf8'), 'untouched')
  assert.deepEqual(readdirSync(join(directory, outside)).sort(), ['absolute', 'climbed', 'through', 'victim'])
  assert.equal(readFileSync(join(directory, 'h'), 'utf8'), 'overwritten')
  assert.equal(readFileSync(join(directory, 'file-link'), 'utf8'), 'replaces the link')
})

test('an entry below a symlink goes where it leads within the layer, which is made where it is missing', async (t) => {
  const { directory } = await unpackParts(t, [
    { name: 'real/' },
    { name: 'link', type: 'symlink', link: 'real' },
    { name: 'link/f' },
    { name: 'var/run', type: 'symlink', link: '../run' },
    { name: 'var/run/lock/f' },
    { name: 'link', type: 'symlink', link: 'elsewhere' },
    { name: 'link/g' },
  ])
  assert.deepEqual(readdirSync(join(directory, 'real')), ['f'])
  assert.deepEqual(readdirSync(join(directory, 'elsewhere')), ['g'])
  assert.deepEqual(readdirSync(join(directory, 'run/lock')), ['f'])
  assert.equal(readlinkSync(join(directory, 'var/run')), '../run')
})

test('refuses what leads out or nowhere', async (t) => {
  for (const name of ['../x', 'a/../../x', 'a/..', '/../x', '..']) {
    await refuses(t, [{ name }], { why: /"\.\."/ })
    await refuses(t, [{ name: 'h', type: 'hardlink', link: name }], { why: /"\.\."/ })
  }
  await refuses(t, [{ name: 'h', type: 'hardlink', link: '/etc/passwd' }], { why: /no entry made/ })
  await refuses(t, [{ name: 'loop', type: 'symlink', link: 'loop' }, { name: 'loop/f' }], { why: /itself/ })
  await refuses(
    t,
    [
      { name: './', type: 'file' },
      { name: '/', type: 'symlink', link: 'x' },
    ],
    { why: /root/ },
  )
  await refuses(t, [{ name: 'x', type: 'symlink', link: '' }], { why: /"x"/ })
  await refuses(t, [{ name: `${'d/'.repeat(2100)}f` }], { why: /4095/ })
  await refuses(t, [{ name: 'n'.repeat(256) }], { why: /ENAMETOOLONG/ })
})

test('takes a path of four thousand bytes', async (t) => {
  const name = `${'directory/'.repeat(408)}f`
  const { directory } = await unpackParts(t, [{ name, content: 'deep' }])
  let levels = 0
  for (let at = directory; existsSync(join(at, 'directory')) && at.length < 3900; at = join(at, 'directory')) levels++
  assert.ok(levels > 300)
})

test('whiteouts hide what is below, and never what the layer itself has', async (t) => {
  const { directory } = await unpackParts(t, [
    { name: 'd/.wh.gone' },
    { name: 'd/.wh.before' },
    { name: 'd/before', content: 'b' },
    { name: 'd/after', content: 'a' },
    { name: 'd/.wh.after' },
    { name: 'new/', mode: 0o700 },
    { name: '.wh.new' },
    { name: '.wh..wh.plnk/1.2', content: 'bookkeeping of aufs' },
    { name: '.wh..wh.aufs' },
    { name: '.wh.' },
    { name: '.wh...' },
  ])
  assert.ok(isWhiteout(join(directory, 'd/gone')))
  assert.equal(readFileSync(join(directory, 'd/before'), 'utf8'), 'b')
  assert.equal(readFileSync(join(directory, 'd/after'), 'utf8'), 'a')
  assert.ok(isOpaque(join(directory, 'new')), 'the directory below must not show through')
  assert.ok(!isOpaque(join(directory, 'd')))
  assert.deepEqual(readdirSync(directory).sort(), ['d', 'new'])
})

test('an opaque directory is marked wherever its mark stands, and times come after', async (t) => {
  const { directory } = await unpackParts(t, [
    { name: 'first/', mtime: 11 },
    { name: 'first/.wh..wh..opq' },
    { name: 'first/f' },
    { name: 'last/.wh.x' },
    { name: 'last/f' },
    { name: 'last/.wh..wh..opq' },
    { name: 'last/', mtime: 22 },
  ])
  for (const [name, mtime] of [
    ['first', 11],
    ['last', 22],
  ] as const) {
    assert.ok(isOpaque(join(directory, name)))
    assert.equal(statSync(join(directory, name)).mtimeMs, mtime * 1000)
  }
})

test('an archive cannot steer overlayfs by attributes of its own', async (t) => {
  const { directory } = await unpackParts(t, [
    { name: 'd/', xattrs: { 'trusted.overlay.redirect': '/etc', 'trusted.overlay.opaque': 'y', 'trusted.own': '1' } },
  ])
  assert.equal(getXattr(join(directory, 'd'), 'trusted.overlay.redirect'), undefined)
  assert.ok(!isOpaque(join(directory, 'd')))
  assert.equal(getXattr(join(directory, 'd'), 'trusted.own')?.toString(), '1')
})

test('a wrong diffID is told with both', async (t) => {
  const expectedDiffID = `sha256:${'0'.repeat(64)}` as const
  const source = inChunks(buildTar([{ name: 'a' }]), 512)
  await assert.rejects(unpackLayer({ source, compression: 'none', directory: temporaryDirectory(t), expectedDiffID }), {
    code: 'DIFF_ID_MISMATCH',
    message: new RegExp(`expected ${expectedDiffID}`),
  })
})

test('abort ends it at any time, and the source is left', async (t) => {
  for (const chunks of [0, 1, 40]) {
    const abort = new AbortController()
    const reason = new Error('enough')
    let isLeft = false
    async function* endless(): AsyncIterable<Uint8Array> {
      try {
        yield buildTar([{ name: 'big', size: 1e12 }], { endBlocks: 0 })
        for (let count = 0; ; count++) {
          if (count === chunks) abort.abort(reason)
          yield Buffer.alloc(1 << 19)
          await new Promise(setImmediate)
        }
      } finally {
        isLeft = true
      }
    }
    const directory = temporaryDirectory(t)
    await assert.rejects(unpackLayer({ source: endless(), compression: 'none', directory, signal: abort.signal }), reason)
    await new Promise(setImmediate)
    assert.ok(isLeft)
    const { size } = statSync(join(directory, 'big'), { throwIfNoEntry: false }) ?? { size: 0 }
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal((statSync(join(directory, 'big'), { throwIfNoEntry: false }) ?? { size: 0 }).size, size, 'nothing writes any more')
  }
})

test('abort does not wait for a source that gives nothing', async (t) => {
  const abort = new AbortController()
  async function* silent(): AsyncIterable<Uint8Array> {
    yield Buffer.alloc(100)
    await new Promise(() => {})
  }
  const unpacking = unpackLayer({ source: silent(), compression: 'none', directory: temporaryDirectory(t), signal: abort.signal })
  setImmediate(() => abort.abort(new Error('enough')))
  await assert.rejects(unpacking, /enough/)
})

test('the source is read no faster than the disk takes it', async (t) => {
  const directory = temporaryDirectory(t)
  let given = 0
  let taken = 0
  let most = 0
  async function* source(): AsyncIterable<Uint8Array> {
    yield buildTar([{ name: 'f', size: 100 << 20 }], { endBlocks: 0 })
    for (; given < 100 << 20; given += 1 << 18) {
      most = Math.max(most, given - taken)
      yield Buffer.alloc(1 << 18)
    }
  }
  const { size } = await unpackLayer({
    source: source(),
    compression: 'none',
    directory,
    onProgress: (bytes) => {
      taken = bytes
    },
  })
  assert.equal(taken, size)
  assert.ok(most < 8 << 20, `${most} bytes were waiting`)
})

test('a directory that is not there is told as such', async (t) => {
  const directory = join(temporaryDirectory(t), 'missing')
  await assert.rejects(unpackLayer({ source: inChunks(buildTar([]), 512), compression: 'none', directory }), /chroot .*missing: ENOENT/)
})

test('a full disk is told as such', async (t) => {
  const directory = temporaryDirectory(t)
  mount({ source: 'none', target: directory, type: 'tmpfs', data: 'size=1m' })
  try {
    const source = inChunks(buildTar([{ name: 'big', content: Buffer.alloc(4 << 20) }]), 65_536)
    await assert.rejects(unpackLayer({ source, compression: 'none', directory }), { code: 'NO_SPACE', message: /"big"/ })
  } finally {
    unmount(directory)
  }
})

test('a disk that cannot be written is told as such', async (t) => {
  const directory = temporaryDirectory(t)
  mount({ source: 'none', target: directory, type: 'tmpfs', flags: MOUNT_FLAGS.MS_RDONLY })
  try {
    const source = inChunks(buildTar([{ name: 'f' }]), 65_536)
    await assert.rejects(unpackLayer({ source, compression: 'none', directory }), { code: 'NOT_PERMITTED', message: /"f"/ })
  } finally {
    unmount(directory)
  }
})

test('layers are unpacked side by side', async (t) => {
  const layers = await Promise.all(
    Array.from({ length: 6 }, (_, index) => unpackParts(t, [{ name: `f${index}`, content: Buffer.alloc(1 << 20, index) }])),
  )
  for (const [index, { directory }] of layers.entries()) assert.deepEqual(readdirSync(directory), [`f${index}`])
})

test('in a plain archive no name hides another', async (t) => {
  const directory = temporaryDirectory(t)
  const tar = buildTar([
    { name: 'd/a', content: 'A' },
    { name: 'd/.wh.a', content: 'B' },
    { name: 'd/.wh..wh..opq' },
    { name: '.wh..wh.plnk/x' },
  ])
  await unpackLayer({ source: inChunks(tar, 700), compression: 'none', directory, kind: 'plain' })
  assert.deepEqual(readdirSync(join(directory, 'd')).sort(), ['.wh..wh..opq', '.wh.a', 'a'])
  assert.equal(readFileSync(join(directory, 'd/.wh.a'), 'utf8'), 'B')
  assert.deepEqual([existsSync(join(directory, '.wh..wh.plnk/x')), isOpaque(join(directory, 'd'))], [true, false])
})
