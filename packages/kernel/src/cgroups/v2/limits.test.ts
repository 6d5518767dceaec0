import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryDirectory } from '@gocker/testkit'
import { deviceMajor, deviceMinor } from '../../door/nodes.ts'
import type { Cgroup } from '../cgroup.ts'
import { createCgroup } from '../create.ts'
import { homeOf, readHierarchies } from '../hierarchies.ts'
import { cgroupOf, runInside, startInside, uniquePath } from '../inside.fixture.ts'

// What a hybrid host shows as data only: `pnpm test:vm` boots a kernel whose controllers are v2's.
const MIB = 1024 ** 2
const hierarchies = readHierarchies()
const without = (controller: string) =>
  homeOf(controller, 'v2', hierarchies) === undefined && `this machine has no v2 controller ${controller}`

test('a process over its memory is killed, and that is known', { skip: without('memory') }, async (t) => {
  const cgroup = await cgroupOf(t, { memory: { limit: 24 * MIB, swap: 24 * MIB } })
  assert.equal(runInside(cgroup, 'true').status, 0)
  assert.equal(await cgroup.oomKilled(), false)
  assert.equal(runInside(cgroup, 'exec tail /dev/zero').signal, 'SIGKILL')
  assert.equal(await cgroup.oomKilled(), true)
  const { memory } = await cgroup.stats()
  assert.equal(memory?.limit, 24 * MIB)
  assert.ok((memory?.usage ?? Number.NaN) >= 0)
})

test('who is killed in a cgroup that the container made is known too', { skip: without('memory') }, async (t) => {
  const cgroup = await cgroupOf(t, { memory: { limit: 24 * MIB, swap: 24 * MIB } })
  const below = fileOf(cgroup, 'below')
  mkdirSync(below)
  const { signal } = runInside(cgroup, `echo 0 > ${below}/cgroup.procs; exec tail /dev/zero`)
  assert.deepEqual([signal, await cgroup.oomKilled()], ['SIGKILL', true])
})

test('memory grows and shrinks', { skip: without('memory') }, async (t) => {
  const cgroup = await cgroupOf(t, { memory: { limit: 32 * MIB, swap: 64 * MIB } })
  for (const [limit, swap, seen] of [
    [128 * MIB, 256 * MIB, `${128 * MIB}`],
    [16 * MIB, 16 * MIB, '0'],
    [-1, -1, 'max'],
    [64 * MIB, 96 * MIB, `${32 * MIB}`],
  ] as const) {
    await cgroup.update({ memory: { limit, swap } })
    assert.equal((await cgroup.stats()).memory?.limit, limit < 0 ? undefined : limit)
    assert.equal(read(cgroup, 'memory.swap.max'), seen)
  }
  await cgroup.update({ memory: { swap: 64 * MIB, reservation: 8 * MIB } })
  assert.deepEqual([read(cgroup, 'memory.swap.max'), read(cgroup, 'memory.low')], ['0', `${8 * MIB}`])
})

test('forks stop at the limit', { skip: without('pids') }, async (t) => {
  const cgroup = await cgroupOf(t, { pids: { limit: 5 } })
  const { stderr } = runInside(cgroup, 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 60 >&- 2>&- & done')
  assert.match(stderr, /[Cc]annot fork/)
  assert.equal((await cgroup.stats()).pids?.limit, 5)
  assert.ok((await cgroup.processes()).length <= 5)
})

test('a process stays on its processor', { skip: without('cpuset') }, async (t) => {
  const last = `${cpus().length - 1}`
  const cgroup = await cgroupOf(t, { cpu: { cpus: last, mems: '0' } })
  const { stdout } = runInside(cgroup, 'cat /proc/self/status')
  assert.match(stdout, new RegExp(`^Cpus_allowed_list:\\s+${last}$`, 'm'))
})

test('a busy process is throttled at its quota', { skip: without('cpu') }, async (t) => {
  const cgroup = await cgroupOf(t, { cpu: { quota: 5000, period: 20_000, shares: 128 } })
  const busy = await startInside(cgroup, 'echo ready; while :; do :; done')
  // A period takes no time from a process that has to wait for another one's sake just then.
  const throttled = async () => (await cgroup.stats()).throttling ?? { throttledPeriods: 0, throttled: 0 }
  for (let counted = await throttled(); counted.throttledPeriods < 3 || counted.throttled === 0; counted = await throttled())
    await delay(20)
  assert.ok(((await cgroup.stats()).cpu?.usage ?? 0) > 0)
  assert.deepEqual([read(cgroup, 'cpu.max'), read(cgroup, 'cpu.weight')], ['5000 20000', '21'])
  await cgroup.update({ cpu: { idle: 1 } })
  assert.equal(read(cgroup, 'cpu.idle'), '1')
  await cgroup.update({ cpu: { idle: 0, quota: -1 } })
  assert.equal(read(cgroup, 'cpu.max'), 'max 20000')
  busy.kill('SIGKILL')
})

const disk = diskOf(tmpdir())
const withoutDisk = without('io') || (disk === undefined && 'no disk is under the temporary directory')

test('a block device is throttled, and what went through it is counted', { skip: withoutDisk }, async (t) => {
  const { major, minor } = disk as NonNullable<typeof disk>
  const rate = 50 * MIB
  const cgroup = await cgroupOf(t, {
    blockIO: {
      throttleReadBpsDevice: [{ major, minor, rate }],
      throttleWriteBpsDevice: [{ major, minor, rate }],
      throttleReadIOPSDevice: [{ major, minor, rate: 5000 }],
      throttleWriteIOPSDevice: [{ major, minor, rate: 4000 }],
    },
  })
  assert.equal(read(cgroup, 'io.max'), `${major}:${minor} rbps=${rate} wbps=${rate} riops=5000 wiops=4000`)
  const file = join(temporaryDirectory(t), 'file')
  const write = `dd if=/dev/zero of=${file} bs=1M count=2 oflag=direct`
  assert.equal(runInside(cgroup, write).status, 0)
  assert.ok(((await cgroup.stats()).io?.written ?? 0) >= 2 * MIB)
  await cgroup.update({ blockIO: { throttleReadBpsDevice: [{ major, minor, rate: 0 }] } })
  assert.equal(read(cgroup, 'io.max'), `${major}:${minor} rbps=max wbps=${rate} riops=5000 wiops=4000`)
})

test('a share of a disk is given by whichever file this kernel has for it', { skip: withoutDisk }, async (t) => {
  const cgroup = await cgroupOf(t, { blockIO: { weight: 505 } })
  const seen = ['io.bfq.weight', 'io.weight'].filter((file) => existsSync(fileOf(cgroup, file))).map((file) => read(cgroup, file))
  assert.ok(seen.includes('default 505') || seen.includes('default 5001'), `${seen}`)
})

test('a container may share its cgroup out, and what is below goes with it', { skip: without('memory') }, async (t) => {
  const cgroup = await cgroupOf(t, { memory: { limit: 64 * MIB }, pids: { limit: 20 } })
  const [inner, leaf] = [fileOf(cgroup, 'init'), fileOf(cgroup, 'leaf')]
  const script = `mkdir ${inner} ${leaf} && echo 0 > ${inner}/cgroup.procs && echo '+memory +pids' > ${fileOf(cgroup, 'cgroup.subtree_control')} && echo ready; sleep 60`
  await startInside(cgroup, script)
  assert.equal((await cgroup.stats()).pids?.limit, 20)
  // A file of a limit is still written, though it has processes below and gives controllers away.
  await cgroup.update({ memory: { limit: 96 * MIB } })
  assert.equal((await cgroup.stats()).memory?.limit, 96 * MIB)
  await cgroup.freeze()
  await cgroup.kill()
  await cgroup.remove()
  assert.deepEqual([inner, leaf].filter(existsSync), [])
})

test('below a cgroup that has processes of its own no limit can be held, but a process can be', { skip: without('memory') }, async (t) => {
  const parent = await cgroupOf(t, {})
  await startInside(parent, 'echo ready; sleep 60')
  const path = `${parent.path}/child`
  const refused = { code: 'EBUSY', syscall: 'cgroup memory', message: /it has processes of its own/ }
  await assert.rejects(createCgroup({ path, resources: { memory: { limit: 32 * MIB } } }), refused)
  assert.equal(existsSync(fileOf(parent, 'child')), false)
  const child = await createCgroup({ path, resources: {} })
  assert.equal(runInside(child, 'true').status, 0)
  assert.equal(read(child, 'cgroup.type'), 'domain')
})

test('what v2 cannot hold is refused, and nothing is left', { skip: without('memory') }, async () => {
  const path = uniquePath()
  const refused = [
    [{ memory: { swappiness: 10 } }, /^UNSUPPORTED$/],
    [{ memory: { disableOOMKiller: true } }, /^UNSUPPORTED$/],
    [{ cpu: { realtimeRuntime: 1000 } }, /^UNSUPPORTED$/],
    [{ memory: { limit: 32 * MIB, swap: 16 * MIB } }, /^UNSUPPORTED$/],
    [{ cpu: { cpus: '4096' } }, /^(EINVAL|ERANGE)$/],
    [{ unified: { 'memory.high': 'much' } }, /^EINVAL$/],
  ] as const
  for (const [resources, code] of refused) {
    await assert.rejects(createCgroup({ path, resources }), { name: 'KernelError', code })
    assert.equal(existsSync(join(treeOf(), path)), false)
  }
})

test('files are written by their names', { skip: without('memory') }, async (t) => {
  const cgroup = await cgroupOf(t, { unified: { 'memory.high': `${20 * MIB}`, 'pids.max': '7', 'cgroup.max.depth': '3' } })
  assert.deepEqual(
    ['memory.high', 'pids.max', 'cgroup.max.depth'].map((file) => read(cgroup, file)),
    [`${20 * MIB}`, '7', '3'],
  )
})

function treeOf(): string {
  return hierarchies.find(({ version }) => version === 'v2')?.mountPoint as string
}

function fileOf({ path }: Cgroup, file: string): string {
  return join(treeOf(), path, file)
}

function read(cgroup: Cgroup, file: string): string {
  return readFileSync(fileOf(cgroup, file), 'utf8').trim()
}

/** The disk that a directory is on; a partition's whole one. */
function diskOf(directory: string): { major: number; minor: number } | undefined {
  const device = statSync(directory, { bigint: true }).dev
  const [major, minor] = [deviceMajor(device), deviceMinor(device)]
  const entry = `/sys/dev/block/${major}:${minor}`
  if (!existsSync(entry)) return undefined
  if (!readdirSync(entry).includes('partition')) return { major, minor }
  const [whole = '0', part = '0'] = readFileSync(`${entry}/../dev`, 'latin1').trim().split(':')
  return { major: Number(whole), minor: Number(part) }
}
