import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatLogTime } from '../logs/log-time.ts'
import { parseMoment } from './moment.ts'

const NOW = 1_700_000_000_123_456_789n
const [SECOND, MINUTE] = [1_000_000_000n, 60_000_000_000n]

const MOMENTS: [text: string, time: bigint][] = [
  ['10m', NOW - 10n * MINUTE],
  ['1h30m', NOW - 90n * MINUTE],
  ['2d', NOW - 48n * 60n * MINUTE],
  ['1.5h', NOW - 90n * MINUTE],
  ['250ms', NOW - SECOND / 4n],
  ['1m0.5s', NOW - MINUTE - SECOND / 2n],
  ['3us', NOW - 3000n],
  ['-1m', NOW + MINUTE],
  ['0s', NOW],
  ['0', 0n],
  ['1700000000', 1_700_000_000n * SECOND],
  ['1700000000.000000001', 1_700_000_000n * SECOND + 1n],
  ['1700000000.5', 1_700_000_000n * SECOND + SECOND / 2n],
  ['2023-11-14T22:13:20Z', 1_700_000_000n * SECOND],
  ['2023-11-14T22:13:20.123456789Z', NOW],
  ['2023-11-14T23:43:20.123456789+01:30', NOW],
  ['2023-11-14T22:13Z', 1_700_000_000n * SECOND - 20n * SECOND],
  ['2023-11-14Z', BigInt(Date.UTC(2023, 10, 14)) * 1_000_000n],
  ['2023-11-14', BigInt(new Date(2023, 10, 14).getTime()) * 1_000_000n],
  ['2023-11-14T22', BigInt(new Date(2023, 10, 14, 22).getTime()) * 1_000_000n],
  ['2023-11-14T22:13:20', BigInt(new Date(2023, 10, 14, 22, 13, 20).getTime()) * 1_000_000n],
]

for (const [text, time] of MOMENTS) test(`${text} is a moment`, () => assert.equal(parseMoment(text, 'since', NOW), time))

for (const text of [
  '',
  'yesterday',
  '10x',
  'm',
  '1h-3m',
  '2023-02-30',
  '2023-13-01',
  '2023-11-14T25:00:00Z',
  '2023-11-14 22:13:20',
  '-5',
  '1e9',
])
  test(`${JSON.stringify(text)} is none`, () => {
    const message = `reading since ${JSON.stringify(text)}: not a time`
    assert.throws(() => parseMoment(text, 'since', NOW), { name: 'RunError', code: 'INVALID_OPTION', message })
  })

test('what is printed is read again', () => {
  assert.equal(formatLogTime(NOW), '2023-11-14T22:13:20.123456789Z')
  assert.equal(formatLogTime(1n), '1970-01-01T00:00:00.000000001Z')
  assert.equal(parseMoment(formatLogTime(NOW), 'until'), NOW)
})
