import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, binarySize, size, span } from './amounts.ts'
import { fitted } from './live-line.ts'

test('sizes have three digits and the unit that fits', () => {
  assert.deepEqual([0, 999, 1000, 1234, 999_499, 999_500, 124_000_000, 5e12].map(size), [
    '0B',
    '999B',
    '1kB',
    '1.23kB',
    '999kB',
    '1MB',
    '124MB',
    '5TB',
  ])
})

test('memory is told in binary units', () => {
  assert.deepEqual([0, 1023, 1536, 2_087_440_384, 5 * 1024 ** 4].map(binarySize), ['0B', '1023B', '1.5KiB', '1.944GiB', '5TiB'])
})

const DAY = 86_400
const SPANS: [seconds: number, words: string][] = [
  [0, 'Less than a second'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, 'About a minute'],
  [120, '2 minutes'],
  [3600, 'About an hour'],
  [7200, '2 hours'],
  [DAY * 2 - 1, '47 hours'],
  [DAY * 13, '13 days'],
  [DAY * 14, '2 weeks'],
  [DAY * 60, '2 months'],
  [DAY * 800, '2 years'],
]

for (const [seconds, words] of SPANS)
  test(`${seconds} seconds are ${words}`, () => {
    assert.equal(span(seconds), words)
  })

test('what has not been yet is less than a second ago', () => {
  assert.deepEqual([ago(1000, 1400), ago(0, 3000), ago(5000, 0)], ['Less than a second ago', '3 seconds ago', 'Less than a second ago'])
})

test('a text is made to fit one line', () => {
  assert.deepEqual([fitted('a\n  b', 10), fitted('0123456789', 10), fitted('0123456789x', 10)], ['a b', '0123456789', '012345678…'])
})
