import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthCheckOf } from './health-check.ts'

const DEFAULTS = { interval: 30e9, timeout: 30e9, startPeriod: 0, startInterval: 5e9, retries: 3 }

test('what nobody says is as docker has it', () => {
  assert.deepEqual(healthCheckOf({ Healthcheck: { Test: ['CMD', 'a', 'b'] } }, {}), { command: ['a', 'b'], ...DEFAULTS })
  assert.deepEqual(healthCheckOf({}, { healthCmd: 'a b' }), { command: ['/bin/sh', '-c', 'a b'], ...DEFAULTS })
})

test("a line is for the image's shell", () => {
  const image = { Shell: ['/bin/bash', '-lc'], Healthcheck: { Test: ['CMD-SHELL', 'a || b'] } }
  assert.deepEqual(healthCheckOf(image, {})?.command, ['/bin/bash', '-lc', 'a || b'])
})

test('what is asked for goes over the image, one by one', () => {
  const Healthcheck = { Test: ['CMD', 'own'], Interval: 1e9, Timeout: 2e9, StartPeriod: 3e9, StartInterval: 4e9, Retries: 5 }
  const own = { command: ['own'], interval: 1e9, timeout: 2e9, startPeriod: 3e9, startInterval: 4e9, retries: 5 }
  assert.deepEqual(healthCheckOf({ Healthcheck }, {}), own)
  assert.deepEqual(healthCheckOf({ Healthcheck }, { healthTimeout: 7e9, healthRetries: 0 }), { ...own, timeout: 7e9 })
})

for (const Test of [undefined, [], ['NONE'], ['CMD'], ['ODD', 'x']])
  test(`there is no check in ${JSON.stringify(Test)}`, () => {
    assert.equal(healthCheckOf({ Healthcheck: { ...(Test !== undefined && { Test }) } }, { healthInterval: 1e9 }), undefined)
  })

test('a check that is taken away is none, and cannot be asked for besides', () => {
  assert.equal(healthCheckOf({ Healthcheck: { Test: ['CMD', 'a'] } }, { noHealthcheck: true }), undefined)
  assert.throws(() => healthCheckOf({}, { noHealthcheck: true, healthRetries: 1 }), { code: 'INVALID_OPTION' })
})
