import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildTar, type TarEntry as MadeEntry, type TarPart } from '@gocker/testkit'
import { PullError } from '../error.ts'
import type { TarEntry, TarSink } from './tar-entry.ts'
import { TarReader } from './tar-reader.ts'

type Seen = Omit<TarEntry, 'xattrs' | 'extents'> & { xattrs: Record<string, string>; content: string }

/** What the reader tells of an archive that comes in chunks of `chunkSize`; holes read as dots. */
function read(archive: Buffer, chunkSize = archive.length): Seen[] {
  const seen: Seen[] = []
  const contents: Buffer[] = []
  const sink: TarSink = {
    entry({ xattrs, extents: _, ...entry }) {
      const texts = Object.fromEntries([...xattrs].map(([name, value]) => [name, value.toString('latin1')]))
      seen.push({ ...entry, xattrs: texts, content: '' })
      contents.push(Buffer.alloc(Math.min(entry.size, 100_000), '.'))
    },
    data(memory, start, end, offset) {
      memory.copy(contents.at(-1) as Buffer, offset, start, end)
    },
    end() {
      Object.assign(seen.at(-1) as Seen, { content: (contents.at(-1) as Buffer).toString('latin1') })
    },
  }
  const reader = new TarReader(sink)
  for (let at = 0; at < archive.length; at += chunkSize) reader.write(archive.subarray(at, at + chunkSize))
  reader.close()
  return seen
}

function one(part: MadeEntry): Seen {
  const [seen, ...more] = read(buildTar([part]))
  assert.equal(more.length, 0)
  return seen as Seen
}

function refuses(parts: readonly TarPart[] | Buffer, why: RegExp): void {
  const archive = Buffer.isBuffer(parts) ? parts : buildTar(parts)
  assert.throws(
    () => read(archive),
    (error) => error instanceof PullError && error.code === 'BAD_ARCHIVE' && why.test(error.message),
  )
}

const LONG = `${'d'.repeat(99)}/${'e'.repeat(120)}/${'f'.repeat(200)}`
const FORMATS = ['v7', 'ustar', 'pax', 'gnu'] as const

for (const format of FORMATS)
  test(`reads what ${format} says of each kind`, () => {
    const common = { mode: 0o4751, uid: 7, gid: 8, mtime: 1_000_000_000, format }
    const seen = read(
      buildTar([
        { name: 'd/', ...common },
        { name: 'd/f', content: 'hello', ...common },
        { name: 's', type: 'symlink', link: '../x', ...common },
        { name: 'h', type: 'hardlink', link: 'd/f', ...common },
        { name: 'c', type: 'character', device: { major: 5, minor: 300 }, ...common },
        { name: 'b', type: 'block', device: { major: 8, minor: 1 }, ...common },
        { name: 'p', type: 'fifo', ...common },
      ]),
    )
    assert.deepEqual(
      seen.map(({ kind, name, link }) => [kind, name, link]),
      [
        ['directory', 'd/', ''],
        ['file', 'd/f', ''],
        ['symlink', 's', '../x'],
        ['hard-link', 'h', 'd/f'],
        ['character-device', 'c', ''],
        ['block-device', 'b', ''],
        ['fifo', 'p', ''],
      ],
    )
    assert.equal(seen[1]?.content, 'hello')
    for (const { mode, uid, gid, mtime } of seen)
      assert.deepEqual([mode, uid, gid, mtime], [0o4751, 7, 8, { seconds: 1_000_000_000, nanoseconds: 0 }])
    if (format !== 'v7') assert.deepEqual([seen[4]?.major, seen[4]?.minor], [5, 300])
  })

test('reads long names of PAX and GNU, and a prefix of ustar', () => {
  for (const format of ['pax', 'gnu'] as const) {
    const seen = one({ name: LONG, type: 'symlink', link: `/${LONG}`, format })
    assert.deepEqual([seen.name, seen.link], [LONG, `/${LONG}`])
  }
  const split = `${'d'.repeat(90)}/${'e'.repeat(90)}`
  assert.equal(one({ name: split, format: 'ustar' }).name, split)
})

test('reads names that are not UTF-8 as their bytes', () => {
  const short = Buffer.from([0x61, 0xff, 0xe9])
  assert.equal(one({ name: short }).name, 'a\xff\xe9')
  for (const format of ['pax', 'gnu'] as const) assert.equal(one({ name: Buffer.alloc(150, 0xff), format }).name, '\xff'.repeat(150))
})

test('reads numbers in base 256, negative times too', () => {
  const seen = one({ name: 'f', uid: 4_000_000_000, gid: 5_000_000, mtime: -86_400, format: 'gnu', base256: true, content: 'x' })
  assert.deepEqual([seen.uid, seen.gid, seen.mtime, seen.size], [4_000_000_000, 5_000_000, { seconds: -86_400, nanoseconds: 0 }, 1])
})

test('reads PAX times to the nanosecond, before 1970 too', () => {
  for (const [text, seconds, nanoseconds] of [
    ['1700000000.123456789', 1_700_000_000, 123_456_789],
    ['1700000000.1234567899', 1_700_000_000, 123_456_789],
    ['12.5', 12, 500_000_000],
    ['-0.5', -1, 500_000_000],
    ['-7', -7, 0],
    ['-7.25', -8, 750_000_000],
  ] as const)
    assert.deepEqual(one({ name: 'f', pax: { mtime: text } }).mtime, { seconds, nanoseconds })
})

test('lets PAX records win over the header, and an empty one give the header back its word', () => {
  const seen = one({ name: 'f', uid: 1, gid: 2, pax: { path: 'other', uid: '70000', gid: '' } })
  assert.deepEqual([seen.name, seen.uid, seen.gid], ['other', 70_000, 2])
})

test('takes global PAX records for all that follows, an entry of its own over them', () => {
  const seen = read(buildTar([{ globalPax: { uid: '9', comment: 'x' } }, { name: 'a' }, { name: 'b', pax: { uid: '3' } }, { name: 'c' }]))
  assert.deepEqual(
    seen.map(({ uid }) => uid),
    [9, 3, 9],
  )
})

test("reads extended attributes in star's and in libarchive's words", () => {
  const seen = one({
    name: 'f',
    xattrs: { 'user.a': Buffer.from([0, 10, 61]), 'user.empty': '' },
    pax: {
      'SCHILY.xattr.user.%3D%25': 'p',
      'LIBARCHIVE.xattr.user.n%C3%A4me%20x': Buffer.from('\0val').toString('base64').replace(/=+$/, ''),
    },
  })
  assert.deepEqual(seen.xattrs, { 'user.a': '\0\n=', 'user.empty': '', 'user.=%': 'p', 'user.näme x': '\0val' })
})

for (const form of ['gnu-old', 'pax-0.0', 'pax-0.1', 'pax-1.0'] as const)
  test(`reads sparse files as ${form} has them`, () => {
    const regions = Array.from({ length: 40 }, (_, index) => ({ offset: 10 + index * 30, content: `region ${index}` }))
    const expected = Buffer.alloc(1500, '.')
    for (const { offset, content } of regions) expected.write(content, offset)
    const archive = buildTar([
      { name: 's', sparse: { form, size: 1500, regions } },
      { name: 'next', content: 'n' },
    ])
    for (const chunkSize of [archive.length, 1, 100, 512, 513]) {
      const [sparse, next] = read(archive, chunkSize)
      assert.deepEqual([sparse?.name, sparse?.size, sparse?.content], ['s', 1500, expected.toString()])
      assert.deepEqual([next?.name, next?.content], ['next', 'n'])
    }
    assert.equal(one({ name: 'hole', sparse: { form, size: 700, regions: [] } }).content, '.'.repeat(700))
  })

test('reads the same wherever the chunks end', () => {
  const archive = buildTar([
    { name: LONG, content: 'abc'.repeat(300), xattrs: { 'user.x': 'y' } },
    { name: 's', sparse: { form: 'pax-1.0', size: 100, regions: [{ offset: 50, content: 'mid' }] } },
    { name: 'g', format: 'gnu', content: '' },
  ])
  const whole = read(archive)
  assert.equal(whole.length, 3)
  for (let chunkSize = 1; chunkSize < archive.length; chunkSize += chunkSize < 1100 ? 1 : 97)
    assert.deepEqual(read(archive, chunkSize), whole)
  // Two chunks, cut at every byte.
  for (let cut = 1; cut < archive.length; cut += 7) {
    const seen: string[] = []
    const reader = new TarReader({ entry: ({ name }) => seen.push(name), data() {}, end() {} })
    reader.write(archive.subarray(0, cut))
    reader.write(archive.subarray(cut))
    assert.deepEqual(
      seen,
      whole.map(({ name }) => name),
    )
  }
})

test('takes a trailing slash for a directory, and no body from links, directories and devices', () => {
  const seen = read(
    buildTar([
      { name: 'old/', type: 'old-file' },
      { name: 'h', type: 'hardlink', link: 'x', size: 99_999 },
      { name: 'd', type: 'directory', size: 4096 },
      { name: 'last', content: 'l' },
    ]),
  )
  assert.deepEqual(
    seen.map(({ kind, size }) => [kind, size]),
    [
      ['directory', 0],
      ['hard-link', 0],
      ['directory', 0],
      ['file', 1],
    ],
  )
})

test('ignores what follows the end, and does not need the end', () => {
  const archive = buildTar([{ name: 'a' }])
  assert.equal(read(Buffer.concat([archive, Buffer.from('junk'.repeat(1000))])).length, 1)
  assert.equal(read(buildTar([{ name: 'a' }], { endBlocks: 0 })).length, 1)
  assert.equal(read(buildTar([{ name: 'a' }], { endBlocks: 1 })).length, 1)
  assert.deepEqual(read(Buffer.alloc(0)), [])
})

test('passes over the name of a volume', () => {
  assert.deepEqual(
    read(buildTar([{ name: 'Backup', type: 'V', format: 'gnu' }, { name: 'a' }])).map(({ name }) => name),
    ['a'],
  )
})

test('takes a checksum that was added up of signed bytes', () => {
  const archive = buildTar([{ name: Buffer.from([0xff, 0xfe]) }])
  let sum = 0
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 0x20 : archive.readInt8(at)
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  assert.equal(read(archive).length, 1)
})

test('refuses every cut', () => {
  const archive = buildTar([{ name: LONG, content: 'x'.repeat(700) }], { endBlocks: 0 })
  for (let length = 1; length < archive.length; length += 13) refuses(archive.subarray(0, length), /cut short/)
})

test('refuses what is wrong', () => {
  refuses([{ name: 'f', wrongChecksum: true }], /checksum/)
  refuses(Buffer.from('no tar at all, but a text\n'.repeat(100)), /octal|checksum/)
  refuses([{ name: 'f', format: 'gnu', base256: true, size: -512 }], /size/)
  refuses([{ name: 'f', pax: { size: '-5' } }], /not a number/)
  refuses([{ name: 'f', pax: { size: '99999999999999999999' } }], /not a number/)
  refuses([{ name: 'f', pax: { mtime: 'noon' } }], /time/)
  refuses([{ name: 'f', pax: { path: 'a\0b' } }], /NUL/)
  refuses([{ name: 'f', pax: { uid: '4294967295' } }], /owner/)
  refuses([{ name: 'f', type: 'M' }], /type/)
  refuses([{ name: 'a', type: 'L', format: 'gnu', size: 2 << 20 }], /extension/)
  refuses(Buffer.concat([buildTar([{ name: 'a' }], { endBlocks: 1 }), buildTar([{ name: 'b' }])]), /single block/)
})

test('refuses PAX records that are not as long as they say', () => {
  for (const bad of ['5 a=b\n', '99 a=b\n', 'x a=b\n', '6 ab\n\n', '6 a=b.', '0 a=b\n', ' a=b\n']) {
    const [head] = [buildTar([{ name: 'h', type: 'x', content: bad }, { name: 'f' }])]
    refuses(head as Buffer, /PAX/)
  }
})

test('refuses headers that are small each and too much together', () => {
  const header = (type: string, index: number): TarPart[] => {
    const record = ` k${index}=${'x'.repeat(500_000)}\n`
    return [{ name: 'h', type, content: `${record.length + 6}${record}` }]
  }
  const many = (type: string, count: number) => Array.from({ length: count }, (_, index) => header(type, index)).flat()
  assert.equal(read(buildTar([...many('g', 2), ...many('x', 2), { name: 'f' }])).length, 1)
  for (const type of ['g', 'x']) refuses([...many(type, 3), { name: 'f' }], /bytes of records, at most 1048576/)
  const small = Array.from({ length: 1001 }, (_, index) => [`key-${index}`, 'v'] as const)
  refuses([{ globalPax: small }, { name: 'f' }], /1001 records, at most 1000/)
  assert.equal(read(buildTar([{ name: 'f', pax: small }])).length, 1)
})

test('refuses sparse maps that lead out of the file or out of the archive', () => {
  const sparse = (map: string, size = '100') => ({
    name: 'f',
    content: 'x'.repeat(20),
    pax: { 'GNU.sparse.map': map, 'GNU.sparse.size': size },
  })
  refuses([sparse('90,20')], /fit/)
  refuses([sparse('10,10,5,10')], /fit/)
  refuses([sparse('0,10')], /speaks of 10/)
  refuses([sparse('0,10,20')], /no length/)
  refuses([sparse('0,twenty')], /not a number/)
  refuses(
    [{ name: 'f', content: '999999\n0\n', pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '10' } }],
    /ends too early/,
  )
  refuses(
    [{ name: 'f', content: '1'.repeat(2 << 20), pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '10' } }],
    /1 MiB/,
  )
})
