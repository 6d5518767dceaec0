import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTPUT_BASE, OUTPUT_SPACE, PLACES, RECORD_SPACE } from '../../program/exec/health-layout.ts'
import { readResults } from './results.ts'

interface Written {
  readonly number: number
  readonly again?: number
  readonly state?: number
  readonly output?: string
}

/** A file in which these checks are the last ones, each in its place. */
function fileOf(...checks: readonly Written[]): Buffer {
  const file = Buffer.alloc(OUTPUT_BASE + PLACES * OUTPUT_SPACE)
  for (const { number, again = number, state = 1, output = '' } of checks) {
    const place = (number - 1) % PLACES
    const words = [number, 1000, 5_000_000, 1001, 0, 0x100, 2, state, output.length, again]
    for (const [index, word] of words.entries()) file.writeBigUInt64LE(BigInt(word), place * RECORD_SPACE + 8 * index)
    file.write(output, OUTPUT_BASE + place * OUTPUT_SPACE)
  }
  return file
}

const numbers = (file: Buffer): number[] => readResults(file).map(({ number }) => number)

test('a check is read with what it said', () => {
  assert.deepEqual(readResults(fileOf({ number: 1, state: 2, output: 'said' })), [
    {
      number: 1,
      begin: new Date(1_000_005),
      end: new Date(1_001_000),
      status: 0x100n,
      streak: 2,
      state: 'unhealthy',
      output: Buffer.from('said'),
    },
  ])
})

test('the last five are read in their order, however they lie', () => {
  const checks = Array.from({ length: 20 }, (_, index) => ({ number: index + 1 }))
  for (let count = 0; count <= 20; count++) {
    const expected = checks.slice(Math.max(0, count - 5), count).map(({ number }) => number)
    assert.deepEqual(numbers(fileOf(...checks.slice(0, count))), expected)
  }
})

test('what is half written, or nothing that can be, is passed over', () => {
  assert.deepEqual(numbers(fileOf({ number: 1 }, { number: 2, again: 8 }, { number: 3, state: 7 })), [1])
  assert.deepEqual(numbers(Buffer.alloc(0)), [])
  assert.deepEqual(numbers(fileOf({ number: 1 }).subarray(0, 79)), [])
  assert.equal(readResults(fileOf({ number: 1, output: 'x'.repeat(OUTPUT_SPACE + 100) }))[0]?.output.length, OUTPUT_SPACE)
})
