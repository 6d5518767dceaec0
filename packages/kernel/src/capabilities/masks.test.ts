import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capabilityMask, encodeCapset, maskCapabilities } from './masks.ts'
import { DEFAULT_CAPABILITIES } from './names.ts'

test('a mask has one bit for each name', () => {
  assert.equal(capabilityMask([]), 0n)
  assert.equal(capabilityMask(['CAP_CHOWN', 'CAP_CHECKPOINT_RESTORE']), (1n << 40n) | 1n)
  assert.equal(capabilityMask(DEFAULT_CAPABILITIES), 0xa80425fbn)
})

test('a mask leads back to the names, by bit', () => {
  assert.deepEqual(maskCapabilities(capabilityMask(DEFAULT_CAPABILITIES)), DEFAULT_CAPABILITIES)
  assert.deepEqual(maskCapabilities(1n << 63n), [])
})

test('the sets are cut into words as capset(2) takes them', () => {
  const { header, data } = encodeCapset({ effective: (1n << 40n) | 1n, permitted: 0xffff_ffff_ffffn, inheritable: 2n })
  assert.deepEqual(header, Buffer.from([0x22, 0x05, 0x08, 0x20, 0, 0, 0, 0]))
  const words = Array.from({ length: 6 }, (_, index) => data.readUInt32LE(4 * index))
  assert.deepEqual(words, [1, 0xffff_ffff, 2, 0x100, 0xffff, 0])
})
