import assert from 'node:assert/strict'
import { constants, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { deviceMajor, deviceMinor, makeDevice, mknod } from './nodes.ts'

test('devices are made with their kind, number and mode', (t) => {
  const path = join(temporaryDirectory(t), 'null')
  mknod(path, constants.S_IFCHR | 0o640, makeDevice(1, 3))
  const { rdev, mode } = lstatSync(path, { bigint: true })
  assert.deepEqual([deviceMajor(rdev), deviceMinor(rdev), mode], [1, 3, BigInt(constants.S_IFCHR | 0o640)])
})

test('a fifo, and a name that is not UTF-8', (t) => {
  const directory = temporaryDirectory(t)
  const name = Buffer.from([0x66, 0xff, 0xfe])
  mknod(Buffer.concat([Buffer.from(`${directory}/`), name]), constants.S_IFIFO | 0o600, 0n)
  assert.deepEqual(readdirSync(directory, { encoding: 'buffer' }), [name])
})

test('large numbers survive', () => {
  for (const [major, minor] of [
    [0, 0],
    [8, 1],
    [259, 300],
    [4095, 1_048_575],
    [0xffff_f123, 0xffff_ffff],
  ] as const) {
    const device = makeDevice(major, minor)
    assert.deepEqual([deviceMajor(device), deviceMinor(device)], [major, minor])
  }
  assert.equal(makeDevice(8, 1), 0x801n)
})

test('what is there already is not replaced', (t) => {
  const path = join(temporaryDirectory(t), 'fifo')
  mknod(path, constants.S_IFIFO | 0o600, 0n)
  assert.throws(() => mknod(path, constants.S_IFIFO | 0o600, 0n), { code: 'EEXIST', message: `mknod ${path}: EEXIST (file exists)` })
})
