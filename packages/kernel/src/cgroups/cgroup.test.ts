import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { deviceMajor, deviceMinor } from '../door/nodes.ts'
import { type Cgroup, openCgroup } from './cgroup.ts'
import { createCgroup } from './create.ts'
import { homeOf, readHierarchies } from './hierarchies.ts'
import { cgroupOf, PARENT, runInside, startInside, uniquePath } from './inside.fixture.ts'

const MIB = 1024 ** 2
const hierarchies = readHierarchies()
const without = (controller: string) =>
  homeOf(controller, 'v1', hierarchies) === undefined && `this machine has no v1 controller ${controller}, v2's has tests of its own`

test('a process is in every tree, and nothing is left in the end', async (t) => {
  const cgroup = await cgroupOf(t, {})
  const { stdout } = runInside(cgroup, 'cat /proc/self/cgroup')
  // Another test may have a tree of its own meanwhile, which the kernel lists too.
  const entered = stdout.split('\n').filter((line) => line.endsWith(`:${cgroup.path}`))
  assert.equal(entered.length, hierarchies.length)
  assert.equal(cgroup.procsFiles.length, hierarchies.length)
  await cgroup.remove()
  assert.deepEqual(directories(cgroup).filter(existsSync), [])
  await cgroup.remove()
})

test('a process over its memory is killed, and that is known', { skip: without('memory') }, async (t) => {
  const cgroup = await cgroupOf(t, { memory: { limit: 24 * MIB, swap: 24 * MIB } })
  assert.equal(runInside(cgroup, 'true').status, 0)
  assert.equal(await cgroup.oomKilled(), false)
  assert.equal(runInside(cgroup, 'exec tail /dev/zero').signal, 'SIGKILL')
  assert.equal(await cgroup.oomKilled(), true)
  assert.equal((await cgroup.stats()).memory?.limit, 24 * MIB)
})

test('memory grows and shrinks', { skip: without('memory') }, async (t) => {
  const cgroup = await cgroupOf(t, { memory: { limit: 32 * MIB, swap: 64 * MIB } })
  for (const [limit, swap] of [
    [128, 256],
    [16, 16],
    [-1, -1],
    [64, 128],
  ] as const) {
    await cgroup.update({ memory: { limit: limit * (limit < 0 ? 1 : MIB), swap: swap * (swap < 0 ? 1 : MIB) } })
    assert.equal((await cgroup.stats()).memory?.limit, limit < 0 ? undefined : limit * MIB)
  }
  assert.equal(v1File(cgroup, 'memory', 'memory.memsw.limit_in_bytes'), `${128 * MIB}`)
  await assert.rejects(cgroup.update({ memory: { limit: 256 * MIB } }), {
    code: 'EINVAL',
    syscall: 'cgroup memory',
    message: /^writing "268435456" to memory\.limit_in_bytes of cgroup .*: EINVAL \(invalid argument\)$/,
  })
})

test('the rest of memory is written', { skip: without('memory') }, async (t) => {
  const cgroup = await cgroupOf(t, { memory: { reservation: 8 * MIB, swappiness: 10, disableOOMKiller: true } })
  assert.equal(v1File(cgroup, 'memory', 'memory.soft_limit_in_bytes'), `${8 * MIB}`)
  assert.equal(v1File(cgroup, 'memory', 'memory.swappiness'), '10')
  assert.match(v1File(cgroup, 'memory', 'memory.oom_control'), /^oom_kill_disable 1$/m)
})

test('forks stop at the limit', { skip: without('pids') }, async (t) => {
  const cgroup = await cgroupOf(t, { pids: { limit: 5 } })
  const { stderr } = runInside(cgroup, 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 60 >&- 2>&- & done')
  assert.match(stderr, /[Cc]annot fork/)
  assert.deepEqual((await cgroup.stats()).pids?.limit, 5)
  assert.ok((await cgroup.processes()).length <= 5)
})

test('a process stays on its processor', { skip: without('cpuset') }, async (t) => {
  const last = `${cpus().length - 1}`
  const cgroup = await cgroupOf(t, { cpu: { cpus: last, mems: '0' } })
  const { stdout } = runInside(cgroup, 'cat /proc/self/status')
  assert.match(stdout, new RegExp(`^Cpus_allowed_list:\\s+${last}$`, 'm'))
})

test('a process without such a wish has every processor', { skip: without('cpuset') }, async (t) => {
  const cgroup = await cgroupOf(t, {})
  const { stdout } = runInside(cgroup, 'cat /proc/self/status')
  const own = /^Cpus_allowed_list:\s+(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  assert.match(stdout, new RegExp(`^Cpus_allowed_list:\\s+${own}$`, 'm'))
})

test('a busy process is throttled at its quota', { skip: without('cpu') }, async (t) => {
  const cgroup = await cgroupOf(t, { cpu: { quota: 5000, period: 20_000, burst: 1000, shares: 128 } })
  const busy = await startInside(cgroup, 'echo ready; while :; do :; done')
  // In the kernel's own count. A period takes no time from a process that has to wait for another one's sake just then.
  const throttled = async () => (await cgroup.stats()).throttling ?? { throttledPeriods: 0, throttled: 0 }
  for (let counted = await throttled(); counted.throttledPeriods < 3 || counted.throttled === 0; counted = await throttled())
    await delay(20)
  assert.ok(((await cgroup.stats()).cpu?.usage ?? 0) > 0)
  assert.equal(v1File(cgroup, 'cpu', 'cpu.cfs_quota_us'), '5000')
  assert.equal(v1File(cgroup, 'cpu', 'cpu.cfs_burst_us'), '1000')
  assert.equal(v1File(cgroup, 'cpu', 'cpu.shares'), '128')
  busy.kill('SIGKILL')
})

test('a block device is throttled, and what went through it is counted', { skip: without('blkio') }, async (t) => {
  const { major, minor } = rootDisk()
  const rate = 50 * MIB
  const device = { major, minor }
  const cgroup = await cgroupOf(t, {
    blockIO: {
      weight: 300,
      throttleReadBpsDevice: [{ ...device, rate }],
      throttleWriteBpsDevice: [{ ...device, rate }],
      throttleReadIOPSDevice: [{ ...device, rate: 5000 }],
      throttleWriteIOPSDevice: [{ ...device, rate: 5000 }],
    },
  })
  for (const file of ['read_bps', 'write_bps'] as const)
    assert.equal(v1File(cgroup, 'blkio', `blkio.throttle.${file}_device`), `${major}:${minor} ${rate}`)
  for (const file of ['read_iops', 'write_iops'] as const)
    assert.equal(v1File(cgroup, 'blkio', `blkio.throttle.${file}_device`), `${major}:${minor} 5000`)
  const { status } = runInside(
    cgroup,
    'f=$(mktemp ./.gocker-test-XXXXXX); dd if=/dev/zero of=$f bs=1M count=2 oflag=direct; s=$?; rm $f; exit $s',
  )
  assert.equal(status, 0)
  assert.ok(((await cgroup.stats()).io?.written ?? 0) >= 2 * MIB)
})

test('devices are denied but for those allowed', { skip: without('devices') }, async (t) => {
  const cgroup = await cgroupOf(t, { devices: [{ allow: false }, { allow: true, type: 'c', major: 1, minor: 3, access: 'rw' }] })
  assert.equal(runInside(cgroup, ': < /dev/null').status, 0)
  assert.notEqual(runInside(cgroup, ': < /dev/zero').status, 0)
  await cgroup.update({ devices: [{ allow: false }, { allow: true, type: 'c', major: 1, minor: 5, access: 'r' }] })
  assert.notEqual(runInside(cgroup, ': < /dev/null').status, 0)
  assert.equal(runInside(cgroup, ': < /dev/zero').status, 0)
})

test('processes stand still and go on', async (t) => {
  const cgroup = await cgroupOf(t, {})
  const child = await startInside(cgroup, 'while echo tick; do :; done')
  assert.equal(cgroup.isFrozen(), false)
  await cgroup.freeze()
  assert.equal(cgroup.isFrozen(), true)
  const before = ticksOf(child.pid as number)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(ticksOf(child.pid as number), before)
  await cgroup.thaw()
  assert.equal(cgroup.isFrozen(), false)
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  child.stdout?.resume()
  assert.deepEqual(await exited, [null, 'SIGTERM'])
})

test('killing reaches frozen processes, and those below', async (t) => {
  const cgroup = await cgroupOf(t, {})
  for (const directory of directories(cgroup)) mkdirSync(join(directory, 'below'))
  // A new cgroup of v1's cpuset takes nobody in.
  const below = hierarchies.findLast(({ version, controllers }) => version === 'v2' || !controllers.includes('cpuset'))
  const own = join(below?.mountPoint as string, cgroup.path, 'below/cgroup.procs')
  const child = await startInside(cgroup, `echo 0 > ${own}; sleep 60 & sleep 60 & echo ready; wait`)
  assert.equal((await cgroup.processes()).length, 3)
  await cgroup.freeze()
  const exited = once(child, 'exit')
  await cgroup.kill()
  assert.deepEqual(await exited, [null, 'SIGKILL'])
  assert.deepEqual(await cgroup.processes(), [])
  await cgroup.remove()
  assert.deepEqual(directories(cgroup).filter(existsSync), [])
})

test('a fork bomb is killed', async (t) => {
  const cgroup = await cgroupOf(t, { pids: { limit: 100 } })
  await startInside(cgroup, 'echo ready; bomb() { bomb & bomb; }; bomb 2>&-')
  await cgroup.kill()
  assert.deepEqual(await cgroup.processes(), [])
})

test('what has processes is not removed before they are gone', async (t) => {
  const cgroup = await cgroupOf(t, {})
  const child = await startInside(cgroup, 'echo ready; read line < /dev/zero; sleep 60')
  const removed = cgroup.remove()
  assert.deepEqual(
    await Promise.race([removed.then(() => 'removed'), new Promise((resolve) => setTimeout(resolve, 100, 'waiting'))]),
    'waiting',
  )
  child.kill('SIGKILL')
  await cgroup.kill()
  await removed
  assert.deepEqual(directories(cgroup).filter(existsSync), [])
})

test('a limit that is refused leaves nothing behind', async () => {
  const path = uniquePath()
  const refused = [
    [{ cpu: { cpus: '4096' } }, /^(EINVAL|ERANGE)$/],
    [{ pids: { limit: 2 ** 53 } }, /^EINVAL$/],
    [{ unified: { 'memory.none': '1' } }, /^UNSUPPORTED$/],
  ] as const
  for (const [resources, code] of refused) {
    await assert.rejects(createCgroup({ path, resources }), { name: 'KernelError', code })
    assert.deepEqual(directories(openCgroup(path)).filter(existsSync), [])
  }
})

test('paths that are none are refused', async () => {
  for (const path of ['', '/', 'relative', '/a/../b', '/a//b', '/a/', '/..', '/a\0b']) {
    assert.throws(() => openCgroup(path), { code: 'EINVAL' })
    await assert.rejects(createCgroup({ path, resources: {} }), { code: 'EINVAL' })
  }
})

test('what an earlier container left is made anew; what is in use is not touched', async (t) => {
  const first = await cgroupOf(t, { pids: { limit: 5 } })
  const again = await createCgroup({ path: first.path, resources: {} })
  assert.equal((await again.stats()).pids?.limit, undefined)
  await startInside(again, 'echo ready; sleep 60')
  await assert.rejects(createCgroup({ path: first.path, resources: {} }), { code: 'EBUSY' })
  assert.notDeepEqual(await again.processes(), [])
})

test('a cgroup that is gone has no processes and no counts', async () => {
  const gone = openCgroup(uniquePath())
  assert.deepEqual(await gone.processes(), [])
  assert.deepEqual(await gone.stats(), {})
  assert.equal(await gone.oomKilled(), false)
  await gone.kill()
  await gone.remove()
})

test('containers come and go side by side, and the parent they share when it is to go', async () => {
  const parent = `${PARENT}-together`
  const shared = openCgroup(parent)
  await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      for (let round = 0; round < 5; round++) {
        const cgroup = await createCgroup({ path: `${parent}/${index}-${round}`, resources: { pids: { limit: 5 } } })
        await new Promise(setImmediate)
        shared.removeIfEmpty()
        assert.ok(directories(cgroup).every(existsSync))
        await cgroup.remove()
      }
    }),
  )
  shared.removeIfEmpty()
  assert.deepEqual(hierarchies.map(({ mountPoint }) => join(mountPoint, parent)).filter(existsSync), [])
})

function directories({ procsFiles }: Cgroup): string[] {
  return procsFiles.map((file) => dirname(file))
}

function v1File({ path }: Cgroup, controller: string, file: string): string {
  return readFileSync(join(homeOf(controller, 'v1', hierarchies)?.mountPoint as string, path, file), 'utf8').trim()
}

/** User and system time of a process, in clock ticks. */
function ticksOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .join(' ')
}

/** The disk of the working directory, or the one that a partition lies on. */
function rootDisk(): { major: number; minor: number } {
  const device = statSync('.', { bigint: true }).dev
  const [major, minor] = [deviceMajor(device), deviceMinor(device)]
  const partition = `/sys/dev/block/${major}:${minor}`
  if (!readdirSync(partition).includes('partition')) return { major, minor }
  const [disk = '0', part = '0'] = readFileSync(`${partition}/../dev`, 'latin1').trim().split(':')
  return { major: Number(disk), minor: Number(part) }
}
