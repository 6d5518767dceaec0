import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OutputTail } from './output-tail.ts'

test('lines come whole, each stream by itself, characters that were torn apart too', () => {
  const tail = new OutputTail(2)
  const euro = Buffer.from('€\n')
  assert.deepEqual(tail.take(Buffer.from('one\ntw'), 'stdout'), ['one'])
  assert.deepEqual(tail.take(Buffer.from('err\n'), 'stderr'), ['err'])
  assert.deepEqual(tail.take(Buffer.from('o\n'), 'stdout'), ['two'])
  assert.deepEqual(tail.take(euro.subarray(0, 1), 'stdout'), [])
  assert.deepEqual(tail.take(euro.subarray(1), 'stdout'), ['€'])
  assert.deepEqual(tail.take(Buffer.from('open'), 'stdout'), [])
  assert.deepEqual([tail.lines(), tail.last], [['two', '€', 'open'], 'open'])
  assert.deepEqual([tail.rest(), tail.rest()], [['open'], []])
})

test('what a terminal would not show is left out', () => {
  const tail = new OutputTail(5)
  assert.deepEqual(tail.take(Buffer.from('10%\r50%\r100%\r\n\u001B[31mred\u001B[0m\u0007\n'), 'stdout'), ['100%', 'red'])
})
