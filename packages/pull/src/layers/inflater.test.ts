import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { Inflater, inflatesAtOnce } from './inflater.ts'

const CONTENT = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * index) >> 7))
const COMPRESS = { gzip: (bytes: Uint8Array) => gzipSync(bytes), zstd: (bytes: Uint8Array) => zstdCompressSync(bytes) }
const SKIPPABLE = Buffer.concat([Buffer.from([0x55, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from('12345')])

function inflate(bytes: Uint8Array, compression: 'gzip' | 'zstd', chunkSize: number): Buffer {
  const pieces: Buffer[] = []
  const inflater = new Inflater(compression, (piece) => pieces.push(Buffer.from(piece)))
  for (let at = 0; at < bytes.length; at += chunkSize) inflater.write(bytes.subarray(at, at + chunkSize))
  inflater.end()
  return Buffer.concat(pieces)
}

test('this Node has what is under its streams', () => {
  assert.ok(inflatesAtOnce())
})

for (const compression of ['gzip', 'zstd'] as const) {
  const compressed = COMPRESS[compression](CONTENT)

  test(`${compression}: several members are one content, wherever the chunks end`, () => {
    const parts = [CONTENT.subarray(0, 1000), Buffer.alloc(0), CONTENT.subarray(1000, 1001), CONTENT.subarray(1001)]
    const members = Buffer.concat(parts.map(COMPRESS[compression]))
    for (const chunkSize of [members.length, 65_536, 4096, 7]) assert.ok(inflate(members, compression, chunkSize).equals(CONTENT))
  })

  test(`${compression}: content that fills its pieces exactly, and what is mostly air`, () => {
    for (const content of [Buffer.alloc(1 << 18, 'x'), Buffer.alloc(1 << 19), Buffer.alloc(50 << 20), Buffer.alloc(0)]) {
      const bytes = COMPRESS[compression](content)
      for (const chunkSize of [bytes.length, 7]) assert.ok(inflate(bytes, compression, chunkSize).equals(content))
    }
  })

  test(`${compression}: refuses what is cut short, empty or followed by something`, () => {
    const wrong = {
      cut: compressed.subarray(0, -3),
      'cut at the beginning': compressed.subarray(0, 2),
      'cut in the second': Buffer.concat([compressed, compressed.subarray(0, 40)]),
      empty: Buffer.alloc(0),
      junk: Buffer.concat([compressed, Buffer.from('junk')]),
      zeros: Buffer.concat([compressed, Buffer.alloc(100)]),
      'not it': CONTENT,
    }
    for (const [name, bytes] of Object.entries(wrong))
      for (const chunkSize of [compressed.length, bytes.length + 1, 1000, 3])
        assert.throws(() => inflate(bytes, compression, chunkSize), { name: 'PullError', code: 'BAD_ARCHIVE' }, name)
  })
}

test('gzip: refuses what is damaged', () => {
  const damaged = gzipSync(CONTENT)
  damaged.writeUInt32LE(~damaged.readUInt32LE(5000) >>> 0, 5000)
  assert.throws(() => inflate(damaged, 'gzip', 65_536), { code: 'BAD_ARCHIVE' })
})

test('zstd: passes over frames that are to be skipped', () => {
  const bytes = Buffer.concat([SKIPPABLE, zstdCompressSync(CONTENT), SKIPPABLE, SKIPPABLE])
  for (const chunkSize of [bytes.length, 3]) assert.ok(inflate(bytes, 'zstd', chunkSize).equals(CONTENT))
})
