import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import { decode } from './decode.ts'
import { LONGEST_DATA, type LogRecord } from './record.ts'
import { encodeRecord, plain, record } from './testing/records.ts'

/** As a file is read that grows: what is not whole yet is looked at again with what has come. */
function decoded(...chunks: readonly Buffer[]): LogRecord[] {
  const found: LogRecord[] = []
  let rest: Buffer = Buffer.alloc(0)
  for (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk])
    const { records, size } = decode(bytes, { base: 0, isAll: false })
    found.push(...records.map(plain))
    rest = bytes.subarray(size)
  }
  return [...found, ...decode(rest, { base: 0, isAll: true }).records.map(plain)]
}

/** Of any bytes, headers' own too; a few at their longest. */
function randomRecords(count: number): LogRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const data = randomBytes(index % 7 === 6 ? LONGEST_DATA : randomInt(1, 200))
    const nested = index % 5 === 4 ? encodeRecord(record('stderr', 'within another')) : data
    return record(index % 3 === 0 ? 'stderr' : 'stdout', nested, BigInt(index) * 1_700_000_003n)
  })
}

test('records come out as they were written, however the bytes are cut in two', () => {
  const records = randomRecords(12)
  const bytes = Buffer.concat(records.map(encodeRecord))
  for (let cut = 0; cut <= bytes.length; cut += cut % 97 === 0 ? 1 : randomInt(1, 9))
    assert.deepEqual(decoded(bytes.subarray(0, cut), bytes.subarray(cut)), records, `cut at ${cut}`)
})

test('and byte for byte', () => {
  const records = randomRecords(9)
  const bytes = Buffer.concat(records.map(encodeRecord))
  assert.deepEqual(decoded(...Array.from(bytes, (byte) => Buffer.of(byte))), records)
})

test('however early a file ends, of each record there is what was written', () => {
  const records = randomRecords(8).filter(({ data }) => !data.includes('within another'))
  const bytes = Buffer.concat(records.map(encodeRecord))
  for (let size = 0; size < bytes.length; size += randomInt(1, 5)) {
    let room = size
    const expected = records.flatMap((one) => {
      const data = one.data.subarray(0, Math.max(0, room - 32))
      room -= 32 + one.data.length
      return data.length === 0 ? [] : [plain({ ...one, data })]
    })
    assert.deepEqual(decoded(bytes.subarray(0, size)), expected, `after ${size} bytes`)
  }
})

test('a torn record in the middle, wherever it is torn, costs nothing of what was written', () => {
  const before = record('stdout', 'before')
  const torn = record('stdout', 'torn by a kill')
  const after = [record('stderr', 'after'), record('stdout', 'and on')]
  const whole = encodeRecord(torn)
  for (let size = 0; size < whole.length; size++) {
    const bytes = Buffer.concat([encodeRecord(before), whole.subarray(0, size), ...after.map(encodeRecord)])
    const rest = size <= 32 ? [] : [{ ...torn, data: torn.data.subarray(0, size - 32) }]
    assert.deepEqual(decoded(bytes), [before, ...rest, ...after].map(plain), `torn after ${size} bytes`)
  }
})

test('a long record that was torn does not eat the few that follow at the end', () => {
  const torn = encodeRecord(record('stdout', randomBytes(LONGEST_DATA))).subarray(0, 100)
  const after = record('stdout', 'short')
  assert.deepEqual(decoded(Buffer.concat([torn, encodeRecord(after)])).at(-1), plain(after))
})

test('blocks that a power failure left empty are passed over', () => {
  const [before, after] = [record('stdout', 'before'), record('stdout', 'after')]
  const bytes = Buffer.concat([encodeRecord(before), Buffer.alloc(5000), encodeRecord(after)])
  assert.deepEqual(decoded(bytes), [before, after].map(plain))
  assert.deepEqual(decoded(bytes.subarray(0, 3000), bytes.subarray(3000)), [before, after].map(plain))
})

test('each record says where its data begin', () => {
  const records = randomRecords(8)
  const bytes = Buffer.concat(records.map(encodeRecord))
  const found = decode(bytes, { base: 1000, isAll: false })
  for (const { offset, data } of found.records) assert.ok(bytes.subarray(offset - 1000, offset - 1000 + data.length).equals(data))
  assert.deepEqual([found.records.length, found.size], [records.length, bytes.length])
})
