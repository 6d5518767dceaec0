import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { firstBoundary, segmentsFromEnd, WINDOW } from './boundaries.ts'
import { decode } from './decode.ts'
import { LogFile } from './log-file.ts'
import { LONGEST_DATA, type LogRecord } from './record.ts'
import { encodeRecord, plain, record } from './testing/records.ts'

/** What the segments hold, from the first to the last. */
async function bySegments(t: TestContext, bytes: Buffer): Promise<{ records: LogRecord[]; count: number }> {
  const path = join(temporaryDirectory(t), 'log')
  writeFileSync(path, bytes)
  const file = (await LogFile.open(path)) as LogFile
  const parts: LogRecord[][] = []
  let end = bytes.length
  for await (const segment of segmentsFromEnd(file, end)) {
    assert.equal(segment.begin + segment.bytes.length, end)
    assert.ok(segment.bytes.length <= 2 * WINDOW)
    parts.unshift(decode(segment.bytes, { base: segment.begin, isAll: true }).records.map(plain))
    end = segment.begin
  }
  assert.equal(end, 0)
  await file.close()
  return { records: parts.flat(), count: parts.length }
}

const KINDS: [name: string, data: () => Buffer][] = [
  ['short lines', () => randomBytes(randomInt(1, 60))],
  ['long records', () => randomBytes(LONGEST_DATA)],
  [
    'records within records',
    () => Buffer.concat(Array.from({ length: 5 }, () => encodeRecord(record('stderr', randomBytes(randomInt(1, 3000)))))),
  ],
  ['zeros', () => Buffer.alloc(randomInt(1, LONGEST_DATA))],
]

for (const [name, data] of KINDS)
  test(`a log of ${name} is cut between records, wherever it ends`, async (t) => {
    const written: LogRecord[] = []
    for (let size = 0; size < 3.3 * WINDOW; size += 32 + (written.at(-1)?.data.length ?? 0)) written.push(record('stdout', data()))
    const bytes = Buffer.concat(written.map(encodeRecord))
    const { records, count } = await bySegments(t, bytes)
    assert.deepEqual(records, written)
    assert.ok(count >= 3)
    const cut = bytes.length - randomInt(1, 32 + (written.at(-1)?.data.length ?? 0))
    assert.deepEqual((await bySegments(t, bytes.subarray(0, cut))).records.slice(0, written.length - 1), written.slice(0, -1))
  })

test('a torn record on the way hides nothing of what is before and behind it', async (t) => {
  const some = () => Array.from({ length: 40 }, () => record('stdout', randomBytes(LONGEST_DATA)))
  const [before, behind] = [some(), some()]
  const torn = record('stderr', randomBytes(LONGEST_DATA))
  const part = { ...torn, data: torn.data.subarray(0, 777) }
  const bytes = Buffer.concat([...before.map(encodeRecord), encodeRecord(torn).subarray(0, 32 + 777), ...behind.map(encodeRecord)])
  assert.deepEqual((await bySegments(t, bytes)).records, [...before, part, ...behind])
})

/** Each record's data end in a header that makes the next record's header look like data. */
function treacherous(count: number): LogRecord[] {
  const size = 8000
  const jump = encodeRecord(record('stderr', Buffer.alloc(size))).subarray(0, 32)
  return Array.from({ length: count }, (_, index) => {
    const data = Buffer.alloc(size, index)
    jump.copy(data, 1000)
    return record('stdout', data)
  })
}

test('a container that writes headers of its own, one leading to the next, deceives nobody', async (t) => {
  const written = treacherous(150)
  const bytes = Buffer.concat(written.map(encodeRecord))
  assert.equal(firstBoundary(bytes.subarray(-WINDOW)), undefined)
  assert.deepEqual((await bySegments(t, bytes)).records, written)
})
