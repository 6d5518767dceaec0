import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '../temporary-directory.ts'
import { buildTar } from './build-tar.ts'
import { compress } from './compress.ts'
import type { Sparse, TarPart } from './entry.ts'

const asRoot = { skip: process.getuid?.() !== 0 && 'needs root' }

test('GNU tar restores every type with owner, mode and time', asRoot, (t) => {
  const directory = unpack(t, [
    { name: 'dir/', mode: 0o1750, uid: 3, gid: 4, mtime: 1 },
    { name: 'dir/file', content: 'hello', mode: 0o4755, uid: 1000, gid: 1001, mtime: 1_600_000_000 },
    { name: 'dir/hard', type: 'hardlink', link: 'dir/file' },
    { name: 'soft', type: 'symlink', link: '../out' },
    { name: 'null', type: 'character', device: { major: 1, minor: 3 }, mode: 0o666 },
    { name: 'loop', type: 'block', device: { major: 7, minor: 300 } },
    { name: 'pipe', type: 'fifo' },
  ])
  const file = statSync(join(directory, 'dir/file'))
  assert.deepEqual([file.mode, file.uid, file.gid, file.mtimeMs, file.nlink], [0o104755, 1000, 1001, 1.6e12, 2])
  assert.equal(readFileSync(join(directory, 'dir/hard'), 'utf8'), 'hello')
  assert.equal(statSync(join(directory, 'dir')).mode, 0o041750)
  assert.equal(readlinkSync(join(directory, 'soft')), '../out')
  assert.equal(lstatSync(join(directory, 'null')).rdev, 0x103)
  assert.equal(lstatSync(join(directory, 'loop')).rdev, (7 << 8) | (300 & 0xff) | ((300 & ~0xff) << 12))
  assert.ok(lstatSync(join(directory, 'pipe')).isFIFO())
})

for (const format of ['ustar', 'pax', 'gnu'] as const)
  test(`names that are long are read by GNU tar (${format})`, () => {
    const name = `${'d'.repeat(90)}/${'e'.repeat(format === 'ustar' ? 60 : 90)}/${format === 'ustar' ? 'f' : 'f'.repeat(200)}`
    assert.deepEqual(list([{ name, format }]), [name])
  })

for (const format of ['pax', 'gnu'] as const)
  test(`long link names, large owners, and times beyond octal are read by GNU tar (${format})`, asRoot, (t) => {
    const link = 'l'.repeat(150)
    const directory = unpack(t, [
      { name: 's', type: 'symlink', link, format },
      { name: 'f', uid: 3_000_000_000, gid: 2_500_000, mtime: -5, format },
      { name: 'late', mtime: 10_000_000_000, format },
    ])
    assert.equal(readlinkSync(join(directory, 's')), link)
    const { uid, gid, mtimeMs } = statSync(join(directory, 'f'))
    assert.deepEqual([uid, gid, mtimeMs], [3_000_000_000, 2_500_000, -5000])
    assert.equal(statSync(join(directory, 'late')).mtimeMs, 1e13)
  })

test('small numbers in base 256 are read by GNU tar', asRoot, (t) => {
  const directory = unpack(t, [{ name: 'f', content: 'abc', uid: 7, mtime: 9, base256: true }])
  const { uid, mtimeMs, size } = statSync(join(directory, 'f'))
  assert.deepEqual([uid, mtimeMs, size], [7, 9000, 3])
})

test('parts of a second go by PAX, before 1970 too', (t) => {
  const directory = unpack(t, [
    { name: 'after', mtime: { seconds: 5, nanoseconds: 123_456_789 } },
    { name: 'before', mtime: { seconds: -2, nanoseconds: 250_000_000 } },
  ])
  assert.equal(statSync(join(directory, 'after'), { bigint: true }).mtimeNs, 5_123_456_789n)
  assert.equal(statSync(join(directory, 'before'), { bigint: true }).mtimeNs, -1_750_000_000n)
})

test('xattrs go by PAX', asRoot, (t) => {
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex')
  const directory = unpack(t, [{ name: 'ping', content: 'x', xattrs: { 'security.capability': capability } }])
  assert.match(execFileSync('/sbin/getcap', [join(directory, 'ping')], { encoding: 'utf8' }), /cap_net_raw=ep/)
})

const sparse: Omit<Sparse, 'form'> = {
  size: 40 * 65536,
  regions: Array.from({ length: 30 }, (_, index) => ({ offset: (index + 1) * 65536, content: `region ${index}`.padEnd(512, '.') })),
}

for (const form of ['gnu-old', 'pax-0.0', 'pax-0.1', 'pax-1.0'] as const)
  test(`a sparse file is restored by GNU tar (${form})`, (t) => {
    const directory = unpack(t, [
      { name: 'holes', sparse: { form, ...sparse } },
      { name: 'next', content: 'next' },
    ])
    const expected = Buffer.alloc(sparse.size)
    for (const { offset, content } of sparse.regions) expected.set(Buffer.from(content), offset)
    assert.ok(readFileSync(join(directory, 'holes')).equals(expected))
    assert.equal(readFileSync(join(directory, 'next'), 'utf8'), 'next')
  })

test('global records hold for what follows', (t) => {
  const directory = unpack(t, [{ globalPax: { mtime: '77' } }, { name: 'f', content: '' }])
  assert.equal(statSync(join(directory, 'f')).mtimeMs, 77_000)
})

test('evil and broken things are written as asked', () => {
  assert.deepEqual(list([{ name: '../../etc/x' }, { name: '/abs' }]), ['../../etc/x', '/abs'])
  const bytes = buildTar([{ name: new Uint8Array([0xff, 0xfe]), size: 99, type: 'Q', editHeader: (header) => header.write('zz', 100) }])
  assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xfe, 0])
  assert.equal(bytes.toString('latin1', 124, 135), '00000000143')
  assert.equal(bytes.toString('latin1', 156, 157), 'Q')
  assert.equal(bytes.toString('latin1', 100, 102), 'zz')
  const { status } = spawnSync('tar', ['-t'], { input: buildTar([{ name: 'f', wrongChecksum: true }]) })
  assert.notEqual(status, 0)
})

for (const compression of ['gzip', 'zstd', 'none'] as const)
  test(`GNU tar reads it compressed (${compression})`, () => {
    const flags = { gzip: ['-z'], zstd: ['--zstd'], none: [] }[compression]
    const input = compress(buildTar([{ name: 'one' }]), compression)
    assert.equal(execFileSync('tar', ['-t', ...flags], { input, encoding: 'utf8' }), 'one\n')
  })

function unpack(t: TestContext, parts: readonly TarPart[]): string {
  const directory = temporaryDirectory(t)
  const flags = ['--xattrs', '--xattrs-include=*', '--same-owner', '-p']
  execFileSync('tar', ['-x', '-C', directory, ...(process.getuid?.() === 0 ? flags : [])], { input: buildTar(parts), stdio: 'pipe' })
  return directory
}

function list(parts: readonly TarPart[]): string[] {
  return execFileSync('tar', ['-t', '-P'], { input: buildTar(parts), encoding: 'utf8' })
    .trim()
    .split('\n')
}
