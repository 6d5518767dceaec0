import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { PullError } from '../error.ts'
import { inChunks } from '../testing/unpacking.ts'
import { inflateInto } from './inflate.ts'

const NEVER = new AbortController().signal
const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) >> 7))

async function inflate(bytes: Uint8Array, compression: 'gzip' | 'zstd' | 'none', chunkSize = 65_536): Promise<Buffer> {
  const chunks: Buffer[] = []
  const destination = new Writable({
    write(chunk, _, done) {
      chunks.push(chunk)
      done()
    },
  })
  await inflateInto(destination, { source: inChunks(bytes, chunkSize), compression, signal: NEVER })
  return Buffer.concat(chunks)
}

const COMPRESS = { gzip: (bytes: Uint8Array) => gzipSync(bytes), zstd: (bytes: Uint8Array) => zstdCompressSync(bytes) }
const SKIPPABLE = Buffer.concat([Buffer.from([0x55, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from('12345')])
const EMPTY_SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])

for (const compression of ['gzip', 'zstd'] as const) {
  const compressed = COMPRESS[compression](CONTENT)

  test(`${compression}: several members are one content, wherever the chunks end`, async () => {
    const parts = [CONTENT.subarray(0, 1000), Buffer.alloc(0), CONTENT.subarray(1000, 1001), CONTENT.subarray(1001)]
    const members = Buffer.concat(parts.map(COMPRESS[compression]))
    for (const chunkSize of [members.length, 65_536, 4096, 7]) assert.ok((await inflate(members, compression, chunkSize)).equals(CONTENT))
  })

  test(`${compression}: refuses what is cut short, damaged, empty or followed by something`, async () => {
    const damaged = Buffer.from(compressed)
    damaged.writeUInt32LE(~damaged.readUInt32LE(5000) >>> 0, 5000)
    const wrong = {
      cut: compressed.subarray(0, -3),
      'cut in the second': Buffer.concat([compressed, compressed.subarray(0, 40)]),
      empty: Buffer.alloc(0),
      junk: Buffer.concat([compressed, Buffer.from('junk')]),
      zeros: Buffer.concat([compressed, Buffer.alloc(100)]),
      'not it': CONTENT,
    }
    for (const [name, bytes] of Object.entries(wrong))
      for (const chunkSize of [compressed.length, bytes.length + 1, 1000])
        await assert.rejects(
          inflate(bytes, compression, chunkSize),
          (error) => error instanceof PullError && error.code === 'BAD_ARCHIVE',
          name,
        )
    // Without a checksum zstd may not notice; gzip does.
    if (compression === 'gzip') await assert.rejects(inflate(damaged, compression), { code: 'BAD_ARCHIVE' })
  })
}

test('zstd: passes over frames that are to be skipped', async () => {
  const frame = zstdCompressSync(CONTENT)
  const bytes = Buffer.concat([SKIPPABLE, frame, EMPTY_SKIPPABLE, SKIPPABLE])
  for (const chunkSize of [bytes.length, 3]) assert.ok((await inflate(bytes, 'zstd', chunkSize)).equals(CONTENT))
})

test('plain bytes pass as they are', async () => {
  assert.ok((await inflate(CONTENT, 'none')).equals(CONTENT))
})

test("a source's own error stays what it is", async () => {
  const broken = new Error('the line is cut')
  async function* source(): AsyncIterable<Uint8Array> {
    yield gzipSync('x').subarray(0, 5)
    throw broken
  }
  const destination = new Writable({ write: (_chunk, _, done) => done() })
  await assert.rejects(inflateInto(destination, { source: source(), compression: 'gzip', signal: NEVER }), broken)
})
