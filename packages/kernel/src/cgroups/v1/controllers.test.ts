import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Controller } from '../controller.ts'
import { cpuset } from '../cpuset.ts'
import { pids } from '../pids.ts'
import type { Resources } from '../resources.ts'
import { blkioV1 } from './blkio.ts'
import { cpuV1 } from './cpu.ts'
import { devicesV1 } from './devices.ts'
import { hugetlbV1 } from './hugetlb.ts'
import { memoryV1 } from './memory.ts'

type Files = Readonly<Record<string, string>>
type Case = readonly [what: string, controller: Controller, resources: Resources, expected: readonly string[], files?: Files]

const UNLIMITED = '9223372036854771712'
const SWAP = 'memory.memsw.limit_in_bytes'

const cases: readonly Case[] = [
  ['nothing asked', memoryV1, {}, []],
  ['zeros are nothing', memoryV1, { memory: { limit: 0, swap: 0, reservation: 0 } }, []],
  [
    'memory of a new cgroup',
    memoryV1,
    { memory: { limit: 10, swap: 20 } },
    ['memory.limit_in_bytes=10', `${SWAP}=20`],
    { [SWAP]: UNLIMITED },
  ],
  ['memory that grows', memoryV1, { memory: { limit: 30, swap: 40 } }, [`${SWAP}=40`, 'memory.limit_in_bytes=30'], { [SWAP]: '20' }],
  ['memory that shrinks', memoryV1, { memory: { limit: 5, swap: 6 } }, ['memory.limit_in_bytes=5', `${SWAP}=6`], { [SWAP]: '20' }],
  ['memory without a limit', memoryV1, { memory: { limit: -1 } }, [`${SWAP}=-1`, 'memory.limit_in_bytes=-1'], { [SWAP]: '20' }],
  ['memory without a limit, swap not counted', memoryV1, { memory: { limit: -1, swap: -1 } }, ['memory.limit_in_bytes=-1']],
  [
    'the rest of memory',
    memoryV1,
    { memory: { reservation: 7, swappiness: 0, disableOOMKiller: true } },
    ['memory.soft_limit_in_bytes=7', 'memory.swappiness=0', 'memory.oom_control=1'],
  ],
  [
    'cpu',
    cpuV1,
    { cpu: { shares: 512, quota: 50000, period: 100000, burst: 10000, idle: 0 } },
    ['cpu.shares=512', 'cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=50000', 'cpu.cfs_burst_us=10000', 'cpu.idle=0'],
  ],
  ['cpu without a quota', cpuV1, { cpu: { quota: -1 } }, ['cpu.cfs_quota_us=-1']],
  ['cpuset', cpuset, { cpu: { cpus: '0-1', mems: '0' } }, ['cpuset.cpus=0-1', 'cpuset.mems=0']],
  ['pids', pids, { pids: { limit: 10 } }, ['pids.max=10']],
  ['pids without a limit', pids, { pids: { limit: -1 } }, ['pids.max=max']],
  ['weight', blkioV1, { blockIO: { weight: 300 } }, ['blkio.bfq.weight=300']],
  ['weight of an older kernel', blkioV1, { blockIO: { weight: 300 } }, ['blkio.weight=300'], { 'blkio.weight': '500' }],
  [
    'throttles, one device a write',
    blkioV1,
    {
      blockIO: {
        weightDevice: [{ major: 8, minor: 0, weight: 20 }],
        throttleReadBpsDevice: [
          { major: 8, minor: 0, rate: 1 },
          { major: 8, minor: 16, rate: 2 },
        ],
        throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 3 }],
      },
    },
    [
      'blkio.bfq.weight_device=8:0 20',
      'blkio.throttle.read_bps_device=8:0 1',
      'blkio.throttle.read_bps_device=8:16 2',
      'blkio.throttle.write_iops_device=8:0 3',
    ],
  ],
  ['huge pages', hugetlbV1, { hugepageLimits: [{ pageSize: '2MB', limit: 4096 }] }, ['hugetlb.2MB.limit_in_bytes=4096']],
  ['no rules for devices', devicesV1, { devices: [] }, []],
  [
    'devices',
    devicesV1,
    {
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 1, minor: 3, access: 'rw' },
        { allow: true, type: 'b', access: 'm' },
        { allow: true, type: 'c', major: 136 },
      ],
    },
    ['devices.deny=a', 'devices.deny=a', 'devices.allow=c 1:3 rw', 'devices.allow=b *:* m', 'devices.allow=c 136:* rwm'],
  ],
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

test('leaf weights are refused', () => {
  assert.throws(() => blkioV1.settings?.({ blockIO: { leafWeight: 10 } }, () => undefined), {
    code: 'UNSUPPORTED',
    syscall: 'cgroup blkio',
  })
})
