import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroupOf, inMounts } from './inside.fixture.ts'
import { canLimitSwap } from './swap.ts'

test('swap can be limited exactly where a limit is taken', async (t) => {
  const cgroup = await cgroupOf(t, {})
  const limit = 64 * 1024 ** 2
  const taken = await cgroup.update({ memory: { limit, swap: limit } }).then(
    () => true,
    () => false,
  )
  assert.equal(canLimitSwap(), taken)
})

test('without cgroups nothing is limited', () => {
  const body = `const { canLimitSwap } = await import(${JSON.stringify(new URL('./swap.ts', import.meta.url).href)})
    console.log(canLimitSwap())`
  assert.equal(inMounts('umount --recursive /sys/fs/cgroup', body), false)
})
