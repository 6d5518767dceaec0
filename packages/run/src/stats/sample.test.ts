import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sandbox, shell, until } from '../testing/sandbox.ts'
import { cpuPercent, parseNetDev, type StatsSample, sampleStats } from './sample.ts'

const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     500       5    0    0    0     0          0         0      500       5    0    0    0     0       0          0
  eth0: 1000000     900    0    0    0     0          0         0    20000     200    0    0    0     0       0          0
  eth1:7 1 0 0 0 0 0 0 11 1 0 0 0 0 0 0
`

test('traffic is that of all devices but loopback', () => {
  assert.deepEqual(parseNetDev(NET_DEV), { received: 1_000_007, sent: 20_011 })
  assert.deepEqual(parseNetDev(''), { received: 0, sent: 0 })
})

test('processor time is told in percent of one processor', () => {
  const sample = (time: number, cpu: number) => ({ time, cpu }) as StatsSample
  assert.equal(cpuPercent(sample(0, 0), sample(1000, 500_000)), 50)
  assert.equal(cpuPercent(sample(0, 1000), sample(500, 1_001_000)), 200)
  assert.equal(cpuPercent(sample(0, 1000), sample(1000, 0)), 0)
  assert.equal(cpuPercent(sample(5, 1), sample(5, 2)), 0)
})

test('a container that works, has memory and children shows so', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const { create, store } = await sandbox(t)
  const options = { memory: 64 * 1024 * 1024, remove: false, network: 'none' }
  const container = await create({
    command: shell('sleep 1000 & i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; wait'),
    ...options,
  })
  const record = await store.containers.get(container.id)
  assert.equal(await sampleStats(store, record), undefined)
  const running = await container.start()
  await until(running, /done/)
  const sample = await sampleStats(store, record)
  running.kill('SIGKILL')
  await running.exited
  assert.ok(sample !== undefined)
  assert.ok(sample.cpu > 1000, `${sample.cpu} microseconds`)
  assert.ok(sample.memory > 0 && sample.memory < options.memory)
  assert.deepEqual([sample.memoryLimit, sample.processes, sample.network], [options.memory, 2, { received: 0, sent: 0 }])
  assert.equal(await sampleStats(store, record), undefined)
  await container.remove()
})
