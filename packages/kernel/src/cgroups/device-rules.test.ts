import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exactRules } from './device-rules.ts'
import type { DeviceRule } from './resources.ts'
import { devicesV1 } from './v1/devices.ts'

const any = { major: undefined, minor: undefined }

test('everything stays one rule', () => {
  for (const rule of [{ allow: false }, { allow: false, type: 'a', access: 'mrw', major: -1, minor: -1 }] as const)
    assert.deepEqual(exactRules([rule]).length, 1)
})

test('a part of everything becomes a rule for each kind', () => {
  assert.deepEqual(exactRules([{ allow: true, access: 'm' }]), [
    { allow: true, type: 'b', ...any, access: 'm' },
    { allow: true, type: 'c', ...any, access: 'm' },
  ])
  assert.deepEqual(exactRules([{ allow: true, type: 'a', major: 1, minor: 3 }]), [
    { allow: true, type: 'b', major: 1, minor: 3, access: 'rwm' },
    { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' },
  ])
})

test('an access that is none is refused', () => {
  for (const access of ['', 'x', 'rwx']) assert.throws(() => exactRules([{ allow: false, access }]), { code: 'EINVAL' })
})

test('v1 refuses what it would quietly not do', () => {
  const settings = (...devices: DeviceRule[]) => devicesV1.settings?.({ devices }, () => undefined)
  const one = { type: 'c', major: 1, minor: 3 } as const
  const every = { type: 'c', major: 1 } as const
  assert.throws(() => settings({ allow: true, ...every }, { allow: false, ...one }), {
    code: 'UNSUPPORTED',
    message: /cannot take c 1:3 rwm out of c 1:\* rwm$/,
  })
  assert.throws(() => settings({ allow: true }, { allow: false, ...every }, { allow: true, ...one }), { code: 'UNSUPPORTED' })
  assert.equal(settings({ allow: true, type: 'c', access: 'm' }, { allow: false, ...one, access: 'rw' })?.length, 3)
  assert.equal(settings({ allow: true, ...one }, { allow: false, ...one, access: 'w' })?.length, 3)
  assert.equal(settings({ allow: true, ...every }, { allow: false }, { allow: true, ...one })?.length, 4)
  // What everything says already is no hole in what comes later.
  assert.equal(settings({ allow: false, ...one }, { allow: true, type: 'c', access: 'm' })?.length, 3)
  assert.equal(settings({ allow: true }, { allow: true, ...one }, { allow: false, ...every })?.length, 4)
})
