import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { digestOf } from '@gocker/oci'
import { temporaryDirectory } from '@gocker/testkit'
import { openStore } from './index.ts'
import { temporaryStore } from './testing/temporary-store.ts'

const text = Buffer.from('some bytes')
const digest = digestOf(text)

test('what is put can be read, streamed, measured and removed', async (t) => {
  const { blobs } = await temporaryStore(t)
  assert.equal(await blobs.has(digest), false)
  assert.equal(await blobs.stat(digest), undefined)
  assert.equal(await blobs.put(text), digest)
  assert.equal(await blobs.put(text), digest)
  assert.equal(await blobs.has(digest), true)
  assert.deepEqual(await blobs.stat(digest), { size: text.length })
  assert.deepEqual(await blobs.read(digest), text)
  assert.deepEqual(await buffer(blobs.stream(digest)), text)
  assert.ok((await blobs.remove(digest)) > 0)
  assert.equal(await blobs.remove(digest), 0)
  await assert.rejects(blobs.read(digest), { code: 'NOT_FOUND', message: new RegExp(`^reading blob ${digest}: ENOENT`) })
})

test('a blob that was damaged on disk is not read', async (t) => {
  const { blobs } = await temporaryStore(t)
  await blobs.put(text)
  writeFileSync(blobs.path(digest), 'other bytes')
  await assert.rejects(blobs.read(digest), { code: 'CORRUPT', hint: /pull the image again/ })
})

test('a blob of many chunks is shown when it is whole, and not before', async (t) => {
  const { blobs, paths } = await temporaryStore(t)
  const bytes = randomBytes(5_000_001)
  const writer = await blobs.writer({ digest: digestOf(bytes), size: bytes.length })
  for (let at = 0; at < bytes.length; at += 65_536) await writer.write(bytes.subarray(at, at + 65_536))
  assert.equal(writer.offset, bytes.length)
  assert.equal(await blobs.has(digestOf(bytes)), false)
  assert.equal(await writer.commit(), digestOf(bytes))
  await writer.abort()
  assert.deepEqual(await blobs.read(digestOf(bytes)), bytes)
  assert.deepEqual(readdirSync(paths.temporary), [])
})

test('chunks come faster than the disk takes them, and none is lost', async (t) => {
  const { blobs } = await temporaryStore(t)
  const chunks = Array.from({ length: 3000 }, () => randomBytes(1 + Math.floor(Math.random() * 5000)))
  const writer = await blobs.writer()
  for (const chunk of chunks) writer.write(chunk)
  assert.deepEqual(await blobs.read(await writer.commit()), Buffer.concat(chunks))
})

test('sha512 blobs have a place of their own', async (t) => {
  const { blobs } = await temporaryStore(t)
  const sha512 = `sha512:${createHash('sha512').update(text).digest('hex')}` as const
  const writer = await blobs.writer({ digest: sha512 })
  writer.write(text)
  assert.equal(await writer.commit(), sha512)
  assert.deepEqual(await blobs.read(sha512), text)
})

test('the first byte too many is refused at once, missing bytes at the end; nothing stays', async (t) => {
  const { blobs, paths } = await temporaryStore(t)
  const long = await blobs.writer({ size: 4 })
  long.write(Buffer.from('1234'))
  assert.throws(() => long.write(Buffer.from('5')), { code: 'SIZE_MISMATCH', message: /more than the expected 4 bytes/ })
  await long.abort()
  const short = await blobs.writer({ digest, size: text.length })
  short.write(text.subarray(1))
  await assert.rejects(short.commit(), { code: 'SIZE_MISMATCH', message: /9 bytes came, expected 10/ })
  assert.deepEqual(readdirSync(paths.temporary), [])
})

test('wrong bytes are refused, and nothing of them stays', async (t) => {
  const { blobs, paths } = await temporaryStore(t)
  const wrong = Buffer.from('SOME BYTES')
  const writer = await blobs.writer({ digest, size: text.length })
  writer.write(wrong)
  await assert.rejects(writer.commit(), {
    code: 'DIGEST_MISMATCH',
    message: new RegExp(`${digest}: the bytes have the digest ${digestOf(wrong)}`),
  })
  assert.equal(await blobs.has(digest), false)
  assert.deepEqual(readdirSync(paths.temporary), [])
})

test('a kept partial blob is gone on with', async (t) => {
  const { blobs } = await temporaryStore(t)
  const bytes = randomBytes(3_000_000)
  const options = { digest: digestOf(bytes), size: bytes.length }
  const first = await blobs.writer(options)
  first.write(bytes.subarray(0, 2_500_000))
  await first.abort({ keepPartial: true })
  const second = await blobs.writer(options)
  assert.equal(second.offset, 2_500_000)
  assert.deepEqual(await buffer(second.written()), bytes.subarray(0, 2_500_000))
  second.write(bytes.subarray(2_500_000))
  await second.commit()
  assert.deepEqual(await blobs.read(options.digest), bytes)
})

test('a partial blob that is longer than the blob is begun anew', async (t) => {
  const { blobs, paths } = await temporaryStore(t)
  mkdirSync(paths.temporary, { recursive: true })
  writeFileSync(paths.partialBlob(digest), 'far more than the ten bytes')
  assert.equal(await blobs.put(text), digest)
})

test('who comes second waits, and finds the blob', async (t) => {
  const { blobs } = await temporaryStore(t)
  const first = await blobs.writer({ digest, size: text.length })
  const waiting = blobs.writer({ digest, size: text.length })
  first.write(text)
  await first.commit()
  const second = await waiting
  assert.equal(second.offset, text.length)
  assert.deepEqual(await buffer(second.written()), text)
  assert.throws(() => second.write(Buffer.from('x')), { code: 'SIZE_MISMATCH' })
  assert.equal(await second.commit(), digest)
})

test('who comes second goes on where the first gave up, and can be called off', async (t) => {
  const { blobs } = await temporaryStore(t)
  const first = await blobs.writer({ digest })
  const stop = new AbortController()
  const calledOff = blobs.writer({ digest, signal: stop.signal })
  const waiting = blobs.writer({ digest })
  stop.abort(new Error('enough'))
  await assert.rejects(calledOff, /enough/)
  first.write(text.subarray(0, 4))
  await first.abort({ keepPartial: true })
  const second = await waiting
  assert.equal(second.offset, 4)
  await second.abort()
})

test('a full disk is said to be one, and nothing stays on it', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const directory = temporaryDirectory(t)
  const root = join(directory, 'small')
  mkdirSync(root)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', root])
  try {
    const { blobs, paths } = await openStore({ root, run: join(directory, 'run') })
    const writer = await blobs.writer({ digest })
    const fill = async () => {
      while (true) await writer.write(Buffer.alloc(500_000))
    }
    await assert.rejects(fill, { name: 'StoreError', code: 'NO_SPACE', hint: /gocker system prune/ })
    await writer.abort({ keepPartial: true })
    assert.equal(existsSync(paths.partialBlob(digest)), false)
    assert.equal(await blobs.put(text), digest)
  } finally {
    execFileSync('umount', [root])
  }
})
