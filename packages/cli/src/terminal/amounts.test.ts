import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, size, span } from './amounts.ts'
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

test('spans are told in the largest unit of which there are two', () => {
  assert.deepEqual([1, 90, 120, 7200, 86_400 * 13, 86_400 * 800].map(span), [
    '1 second',
    '90 seconds',
    '2 minutes',
    '2 hours',
    '13 days',
    '2 years',
  ])
  assert.deepEqual([ago(1000, 1400), ago(0, 3000), ago(5000, 0)], ['just now', '3 seconds ago', 'just now'])
})

test('a text is made to fit one line', () => {
  assert.deepEqual([fitted('a\n  b', 10), fitted('0123456789', 10), fitted('0123456789x', 10)], ['a b', '0123456789', '012345678…'])
})
