import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processorMask } from '../runtime/program/affinity.ts'
import { encodeIoPriority, encodeScheduler } from './scheduling.ts'

test('struct sched_attr', () => {
  const attributes = encodeScheduler({
    policy: 'SCHED_DEADLINE',
    flags: ['SCHED_FLAG_RESET_ON_FORK'],
    nice: -5,
    priority: 3,
    runtime: 1,
    deadline: 2,
    period: 4,
  })
  assert.deepEqual(
    [
      attributes.readUInt32LE(0),
      attributes.readUInt32LE(4),
      attributes.readBigUInt64LE(8),
      attributes.readInt32LE(16),
      attributes.readUInt32LE(20),
    ],
    [48, 6, 1n, -5, 3],
  )
  assert.deepEqual(
    [24, 32, 40].map((at) => attributes.readBigUInt64LE(at)),
    [1n, 2n, 4n],
  )
  assert.throws(() => encodeScheduler({ policy: 'SCHED_SOON' }), { code: 'INVALID_OPTION' })
  assert.throws(() => encodeScheduler({ policy: 'constructor' }), { code: 'INVALID_OPTION' })
})

test('the priority of input and output', () => {
  assert.equal(encodeIoPriority({ class: 'IOPRIO_CLASS_BE', priority: 4 }), (2 << 13) | 4)
  assert.throws(() => encodeIoPriority({ class: 'IOPRIO_CLASS_BE', priority: 8 }), { code: 'INVALID_OPTION' })
  assert.throws(() => encodeIoPriority({ class: 'BEST', priority: 1 }), { code: 'INVALID_OPTION' })
})

test('a list of processors as a mask', () => {
  assert.deepEqual([...processorMask('0-2, 9').subarray(0, 2)], [0b111, 0b10])
  for (const list of ['', 'a', '3-1', '0-99999', '-1']) assert.throws(() => processorMask(list), { code: 'INVALID_OPTION' })
})
