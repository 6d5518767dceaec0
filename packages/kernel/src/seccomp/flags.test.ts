import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seccompFlags } from './flags.ts'

test('flags are those that seccomp(2) takes', () => {
  const flags = (...names: string[]) => seccompFlags({ defaultAction: 'SCMP_ACT_ALLOW', flags: names })
  assert.equal(seccompFlags({ defaultAction: 'SCMP_ACT_ALLOW' }), 4)
  assert.equal(flags(), 0)
  assert.equal(flags('SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'), 6)
  assert.equal(flags('SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'), 0)
  const asking = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] }
  assert.equal(seccompFlags(asking), 12)
  assert.equal(seccompFlags({ ...asking, flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] }), 40)
  assert.throws(() => flags('SECCOMP_FILTER_FLAG_SPEED'), /unknown flag "SECCOMP_FILTER_FLAG_SPEED"/)
})
