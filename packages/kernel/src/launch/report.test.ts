import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slot } from './operand.ts'
import { LaunchProgram } from './program.ts'
import { decodeFailure, ReportReader } from './report.ts'
import { rowAddress } from './row-layout.ts'

const program = new LaunchProgram()
  .report('started', [slot('pid')])
  .report('ended', [slot('status'), slot('seconds'), slot('nanoseconds')])
  .row({ name: 'mount proc on /proc', call: 'mount' })

function record(...words: (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(32)
  words.forEach((word, index) => {
    bytes.writeBigInt64LE(BigInt(word), 8 * index)
  })
  return bytes
}

test('records become messages however they are cut', () => {
  const bytes = Buffer.concat([record(1, 42), record(2, 7, 2n ** 40n, -1), record(0, rowAddress(2), 1)])
  const expected = [
    { type: 'report', name: 'started', values: [42n] },
    { type: 'report', name: 'ended', values: [7n, 2n ** 40n, -1n] },
    {
      type: 'failure',
      failure: {
        row: 2,
        name: 'mount proc on /proc',
        call: 'mount',
        errno: 'EPERM',
        text: 'mount proc on /proc: EPERM (operation not permitted)',
      },
    },
  ]
  for (const size of [1, 7, 31, 32, 33, 95, 96]) {
    const reader = new ReportReader(program)
    const messages = []
    for (let at = 0; at < bytes.length; at += size) messages.push(...reader.read(bytes.subarray(at, at + size)))
    assert.deepEqual(messages, expected, `in chunks of ${size}`)
  }
})

test('a failure is read by who has kept the rows alone', () => {
  assert.deepEqual(decodeFailure(record(0, rowAddress(2), 1)), { row: 2, errno: 'EPERM' })
  for (const other of [record(1, 42), record(0, rowAddress(2) + 1, 1), record(0, 0, 1), record(0, rowAddress(2), 1, 1)])
    assert.equal(decodeFailure(other), undefined)
  assert.equal(decodeFailure(record(0, rowAddress(2), 1).subarray(1)), undefined)
})
