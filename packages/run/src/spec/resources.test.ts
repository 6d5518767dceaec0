import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceOptions } from '../options/container-options.ts'
import { resourcesOf } from './resources.ts'
import { sysctlsOf } from './sysctls.ts'

const facts = { processors: 4, limitsSwap: true, blockDevices: { '/dev/sda': { major: 8, minor: 0 } } }
const MiB = 2 ** 20

const cases: readonly (readonly [ResourceOptions, object])[] = [
  [{}, {}],
  [{ memory: 64 * MiB }, { memory: { limit: 64 * MiB, swap: 128 * MiB } }],
  [{ memory: 64 * MiB, memorySwap: -1 }, { memory: { limit: 64 * MiB, swap: -1 } }],
  [{ memory: 64 * MiB, memorySwap: 64 * MiB }, { memory: { limit: 64 * MiB, swap: 64 * MiB } }],
  [{ memoryReservation: 32 * MiB, memorySwappiness: 0 }, { memory: { reservation: 32 * MiB, swappiness: 0 } }],
  [{ cpus: 1.5 }, { cpu: { quota: 150_000, period: 100_000 } }],
  [{ cpus: 0 }, {}],
  [{ cpuQuota: 20_000, cpuPeriod: 50_000, cpuShares: 512 }, { cpu: { shares: 512, quota: 20_000, period: 50_000 } }],
  [{ cpusetCpus: '0-1,3', cpusetMems: '0' }, { cpu: { cpus: '0-1,3', mems: '0' } }],
  [{ pidsLimit: 20 }, { pids: { limit: 20 } }],
  [{ pidsLimit: 0 }, { pids: { limit: -1 } }],
  [
    { blkioWeight: 300, deviceReadBps: [{ path: '/dev/sda', rate: 1024 }] },
    { blockIO: { weight: 300, throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1024 }] } },
  ],
]

for (const [options, expected] of cases)
  test(`${JSON.stringify(options)} are limits`, () => assert.deepEqual(resourcesOf(options, [], facts), { devices: [], ...expected }))

test('swap that nobody asked to limit is not limited where it cannot be', () => {
  assert.deepEqual(resourcesOf({ memory: 64 * MiB }, [], { ...facts, limitsSwap: false }).memory, { limit: 64 * MiB })
})

const refused: readonly (readonly [ResourceOptions, RegExp])[] = [
  [{ memory: 5 * MiB }, /less than the minimum of 6m/],
  [{ memorySwap: 5 * MiB }, /needs a memory limit/],
  [{ memory: 64 * MiB, memorySwap: 32 * MiB }, /less than the memory limit/],
  [{ memory: 64 * MiB, memoryReservation: 65 * MiB }, /more than the memory limit/],
  [{ memorySwappiness: 101 }, /not 0 to 100/],
  [{ cpus: 5 }, /there are only 4/],
  [{ cpus: 1, cpuQuota: 1000 }, /in other words/],
  [{ cpuPeriod: 999 }, /not 1000 to 1000000/],
  [{ cpuQuota: 999 }, /less than 1000/],
  [{ cpusetCpus: 'all' }, /not a list/],
  [{ blkioWeight: 9 }, /not 10 to 1000/],
  [{ deviceWriteIops: [{ path: '/dev/sdb', rate: 1 }] }, /not a block device/],
]

for (const [options, message] of refused)
  test(`${JSON.stringify(options)} are refused`, () =>
    assert.throws(() => resourcesOf(options, [], facts), { code: 'INVALID_OPTION', message }))

test("only a container's own settings can be set", () => {
  const asked = { 'net.ipv4.ip_forward': '1', 'kernel.shm_rmid_forced': '1', 'fs/mqueue/msg_max': '20' }
  assert.deepEqual(sysctlsOf(asked, 'none'), {
    'net.ipv4.ping_group_range': '0 2147483647',
    'net.ipv4.ip_unprivileged_port_start': '0',
    'net.ipv4.ip_forward': '1',
    'kernel.shm_rmid_forced': '1',
    'fs.mqueue.msg_max': '20',
  })
  assert.equal(sysctlsOf({ 'net.ipv4.ip_unprivileged_port_start': '1024' }, 'none')['net.ipv4.ip_unprivileged_port_start'], '1024')
  assert.deepEqual(sysctlsOf({ 'kernel.shm_rmid_forced': '1' }, 'host'), { 'kernel.shm_rmid_forced': '1' })
  assert.throws(() => sysctlsOf(asked, 'host'), { message: /net.ipv4.ip_forward: the network is the host's/ })
  assert.throws(() => sysctlsOf({ 'kernel.panic': '1' }, 'none'), { message: /kernel.panic: the kernel has one value/ })
  assert.throws(() => sysctlsOf({ 'kernel.hostname': 'x' }, 'none'), { code: 'INVALID_OPTION' })
})
