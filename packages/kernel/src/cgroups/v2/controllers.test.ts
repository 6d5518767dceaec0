import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Controller } from '../controller.ts'
import type { Resources } from '../resources.ts'
import { cpuV2, weightOfShares } from './cpu.ts'
import { hugetlbV2 } from './hugetlb.ts'
import { ioV2, ioWeight } from './io.ts'
import { memoryV2 } from './memory.ts'
import { unifiedControllers, unifiedSettings } from './unified.ts'

type Files = Readonly<Record<string, string>>
type Case = readonly [what: string, controller: Controller, resources: Resources, expected: readonly string[], files?: Files]

const cases: readonly Case[] = [
  ['nothing asked', memoryV2, {}, []],
  ['memory', memoryV2, { memory: { limit: 10 } }, ['memory.max=10']],
  ['memory and swap together', memoryV2, { memory: { limit: 10, swap: 30 } }, ['memory.swap.max=20', 'memory.max=10']],
  ['no swap at all', memoryV2, { memory: { limit: 10, swap: 10 } }, ['memory.swap.max=0', 'memory.max=10']],
  ['swap of memory that is limited already', memoryV2, { memory: { swap: 30 } }, ['memory.swap.max=18'], { 'memory.max': '12' }],
  [
    'swap without a limit',
    memoryV2,
    { memory: { limit: 10, swap: -1 } },
    ['memory.swap.max=max', 'memory.max=10'],
    { 'memory.swap.max': '0' },
  ],
  ['swap without a limit, not counted', memoryV2, { memory: { limit: -1, swap: -1 } }, ['memory.max=max']],
  ['a reservation', memoryV2, { memory: { reservation: 5 } }, ['memory.low=5']],
  ['no reservation any more', memoryV2, { memory: { reservation: -1 } }, ['memory.low=0']],
  ['an OOM killer as usual', memoryV2, { memory: { disableOOMKiller: false } }, []],
  [
    'cpu',
    cpuV2,
    { cpu: { shares: 1024, quota: 50000, period: 200000, burst: 10000, idle: 1 } },
    ['cpu.weight=100', 'cpu.max=50000 200000', 'cpu.max.burst=10000', 'cpu.idle=1'],
  ],
  ['a quota alone', cpuV2, { cpu: { quota: 50000 } }, ['cpu.max=50000 100000']],
  ['a quota that changes', cpuV2, { cpu: { quota: 50000 } }, ['cpu.max=50000 20000'], { 'cpu.max': '1000 20000' }],
  ['a period that changes', cpuV2, { cpu: { period: 20000 } }, ['cpu.max=1000 20000'], { 'cpu.max': '1000 100000' }],
  ['no quota any more', cpuV2, { cpu: { quota: -1 } }, ['cpu.max=max 20000'], { 'cpu.max': '1000 20000' }],
  ['weight', ioV2, { blockIO: { weight: 1000 } }, ['io.weight=default 10000']],
  [
    'weight for BFQ',
    ioV2,
    { blockIO: { weight: 300, weightDevice: [{ major: 8, minor: 0, weight: 20 }] } },
    ['io.bfq.weight=default 300', 'io.bfq.weight=8:0 20'],
    { 'io.bfq.weight': 'default 100' },
  ],
  [
    'throttles',
    ioV2,
    {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }],
        throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 2 }],
        throttleReadIOPSDevice: [{ major: 8, minor: 0, rate: 3 }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 0 }],
      },
    },
    ['io.max=8:0 rbps=1', 'io.max=8:0 wbps=2', 'io.max=8:0 riops=3', 'io.max=8:16 wiops=max'],
  ],
  ['huge pages', hugetlbV2, { hugepageLimits: [{ pageSize: '1GB', limit: 0 }] }, ['hugetlb.1GB.max=0']],
]

for (const [what, controller, resources, expected, files = {}] of cases) {
  test(what, () => {
    const settings = controller.settings?.(resources, (file) => files[file]) ?? []
    assert.deepEqual(
      settings.map(({ file, value }) => `${file}=${value}`),
      expected,
    )
  })
}

const refused: readonly [what: string, controller: Controller, resources: Resources][] = [
  ['swappiness', memoryV2, { memory: { swappiness: 10 } }],
  ['no OOM killer', memoryV2, { memory: { disableOOMKiller: true } }],
  ['swap of memory without a limit', memoryV2, { memory: { swap: 30 } }],
  ['more memory than memory and swap', memoryV2, { memory: { limit: 31, swap: 30 } }],
  ['real-time', cpuV2, { cpu: { realtimeRuntime: 1 } }],
  ['leaf weights', ioV2, { blockIO: { leafWeight: 10 } }],
]

for (const [what, controller, resources] of refused) {
  test(`${what}: v2 cannot`, () => assert.throws(() => controller.settings?.(resources, () => undefined), { code: 'UNSUPPORTED' }))
}

test('weights keep the ends, the default and the order', () => {
  assert.deepEqual([0, 2, 1024, 262_144, 1_000_000].map(weightOfShares), [1, 1, 100, 10_000, 10_000])
  // As runc and crun round them.
  assert.deepEqual([128, 512, 2048].map(weightOfShares), [21, 59, 174])
  const weights = [2, 10, 100, 512, 1024, 2048, 100_000].map(weightOfShares)
  assert.deepEqual(
    weights.toSorted((a, b) => a - b),
    weights,
  )
  assert.deepEqual([1, 10, 1000, 5000].map(ioWeight), [1, 1, 10_000, 10_000])
})

test('files by name, and the controllers that they need', () => {
  const resources = { unified: { 'memory.high': '10', 'cgroup.max.depth': '3', 'memory.low': '1' } }
  assert.deepEqual(unifiedSettings(resources), [
    { file: 'memory.high', value: '10' },
    { file: 'cgroup.max.depth', value: '3' },
    { file: 'memory.low', value: '1' },
  ])
  assert.deepEqual(unifiedControllers(resources), ['memory'])
  for (const file of ['../cgroup.procs', 'a/b.c', '', 'memory', '/x.y', 'x.y/../../z'])
    assert.throws(() => unifiedSettings({ unified: { [file]: '1' } }), { code: 'UNSUPPORTED' })
})

test('what the files of v2 count', () => {
  const files: Files = {
    'memory.current': '4096',
    'memory.max': 'max',
    'memory.stat': 'anon 1\ninactive_file 512\nactive_file 3',
    'memory.events': 'low 0\noom 2\noom_kill 1',
    'cpu.stat': 'usage_usec 10\nuser_usec 7\nsystem_usec 3\nnr_periods 4\nnr_throttled 2\nthrottled_usec 5',
    'io.stat': '8:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2 rios=0 wios=0 dbytes=0 dios=0',
  }
  const read = (file: string): string | undefined => files[file]
  assert.deepEqual(memoryV2.stats?.(read), { memory: { usage: 4096, inactiveFile: 512, limit: undefined } })
  assert.equal(memoryV2.oomKills?.(read), 1)
  assert.deepEqual(cpuV2.stats?.(read), {
    cpu: { usage: 10, user: 7, system: 3 },
    throttling: { periods: 4, throttledPeriods: 2, throttled: 5 },
  })
  assert.deepEqual(ioV2.stats?.(read), { io: { read: 101, written: 22 } })
})
