import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { refused, runFixture } from './support/running.ts'

const { gocker, run, output, start } = runFixture('busybox')

const sh = (script: string) => ['busybox', 'sh', '-c', script]

/** A limit as the container sees it: of cgroup v1 or of v2. */
const seen = (v1: string, v2: string) => sh(`cat /sys/fs/cgroup/${v1} 2>/dev/null || cat /sys/fs/cgroup/${v2}`)

/** Wants some hundred megabytes in one process. */
const HUNGRY = 'x=$(head -c 100000000 /dev/zero | tr "\\0" a); echo had enough'

test('who uses more memory than the limit is killed, and the exit says so', async () => {
  const { code, stdout, stderr } = await run(['-m', '32m', ...sh(HUNGRY)])
  assert.deepEqual([code, stdout], [137, ''])
  assert.match(stderr, /^gocker: the container used up its memory/m)
})

test('that memory was used up is kept with the container', async () => {
  await gocker(['run', '--name', 'hungry', '-m', '32m', ...sh(HUNGRY)])
  const [{ State }] = JSON.parse((await gocker(['inspect', 'hungry'])).stdout)
  assert.deepEqual([State.ExitCode, State.OOMKilled], [137, true])
  assert.match((await gocker(['ps', '-a'])).stdout, /Exited \(137\)/)
  await gocker(['rm', 'hungry'])
})

test('who stays below the limit is not', async () => {
  const { code, stdout, stderr } = await run(['-m', '1g', ...sh(HUNGRY)])
  assert.deepEqual([code, stdout, stderr], [0, 'had enough\n', ''])
})

test('the memory limit is seen inside', async () => {
  assert.equal(await output(['-m', '64m', ...seen('memory/memory.limit_in_bytes', 'memory.max')]), `${64 << 20}\n`)
  refused(await run(['-m', '4m', 'busybox', 'true']), 125, /memory: 4194304 bytes is less than the minimum of 6m/)
  refused(await run(['-m', '64m', '--memory-swap', '32m', 'busybox', 'true']), 125, /memory-swap: .* less than the memory limit/)
})

test('memory and swap together are limited, where the kernel counts swap', async (t) => {
  if (!existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes') && !existsSync('/sys/fs/cgroup/cgroup.controllers'))
    return t.skip('this kernel does not count swap')
  const text = await output(['-m', '64m', '--memory-swap', '96m', ...seen('memory/memory.memsw.limit_in_bytes', 'memory.swap.max')])
  assert.ok([`${96 << 20}\n`, `${32 << 20}\n`].includes(text), text)
})

/** More than one processor's worth of work for three seconds, and what it took. */
const BUSY = 'timeout 3 sh -c "while :; do :; done" & timeout 3 sh -c "while :; do :; done" & wait; cat /proc/1/stat'

/** Seconds of processor time, by the container's own count. */
async function processorTime(flags: readonly string[]): Promise<number> {
  const text = await output([...flags, ...sh(BUSY)])
  // Children that were waited for, in ticks: fields 16 and 17.
  const fields =
    text
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^.*\) /, '')
      .split(' ') ?? []
  return (Number(fields[16 - 3]) + Number(fields[17 - 3])) / 100
}

test('two containers of half a processor get that, beside a busy neighbour', async () => {
  const neighbour = start(sh('while :; do :; done'))
  try {
    const used = await Promise.all([processorTime(['--cpus', '0.5']), processorTime(['--cpus', '0.5'])])
    // The most is the kernel's promise; the least depends on what else this machine has to do.
    for (const seconds of used) assert.ok(seconds > 0.1 * 3 && seconds < 0.65 * 3, `used ${used} of 3 s`)
  } finally {
    process.kill(neighbour.pid, 'SIGKILL')
    await neighbour.result
    await gocker(['system', 'prune'])
  }
})

test('the share of a processor is seen inside', async () => {
  const text = await output([
    '--cpus',
    '0.5',
    ...sh('cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max'),
  ])
  assert.deepEqual(text.trim().split(/\s+/).toSorted(), ['100000', '50000'])
})

test('processors can be chosen', async () => {
  const last = availableParallelism() - 1
  assert.equal(await output(['--cpuset-cpus', `${last}`, 'busybox', 'nproc']), '1\n')
  assert.match(
    await output(['--cpuset-cpus', `${last}`, 'busybox', 'grep', 'Cpus_allowed_list', '/proc/self/status']),
    new RegExp(`\\t${last}\\n`),
  )
  assert.notEqual((await run(['--cpuset-cpus', '4000', 'busybox', 'true'])).code, 0)
  refused(await run(['--cpuset-cpus', 'first', 'busybox', 'true']), 125, /cpuset-cpus: "first"/)
  refused(await run(['--cpus', '4000', 'busybox', 'true']), 125, /cpus: 4000/)
})

test('a fork bomb stops at the limit of processes', async () => {
  const before = Number(readFileSync('/proc/loadavg', 'utf8').split(/[ /]/)[4])
  const { stderr } = await run(['--pids-limit', '30', ...sh('bomb() { bomb | bomb & }; bomb; sleep 1; echo over')])
  assert.match(stderr, /can't fork/)
  assert.ok(Number(readFileSync('/proc/loadavg', 'utf8').split(/[ /]/)[4]) < before + 200)
  assert.equal(execFileSync('echo', ['the host is fine'], { encoding: 'utf8' }), 'the host is fine\n')
  assert.equal(await output(['--pids-limit', '30', ...seen('pids/pids.max', 'pids.max')]), '30\n')
})

test('weights are seen inside', async () => {
  assert.equal(
    await output(['--cpu-shares', '512', ...seen('cpu/cpu.shares', 'cpu.weight')]),
    existsSync('/sys/fs/cgroup/cpu') ? '512\n' : '59\n',
  )
  assert.match(
    await output(['--blkio-weight', '300', ...sh('cat /sys/fs/cgroup/blkio/blkio*weight || cat /sys/fs/cgroup/io*weight')]),
    // io.weight has another range than v1 and BFQ.
    /^(default )?(300|2930)$/m,
  )
  assert.equal(await output(['--oom-score-adj', '500', 'busybox', 'cat', '/proc/self/oom_score_adj']), '500\n')
})

/** The block device that the root file system of the host is on. */
function rootDevice(): string | undefined {
  const source = execFileSync('findmnt', ['-no', 'SOURCE', '--target', '/tmp'], { encoding: 'utf8' }).trim()
  return source.startsWith('/dev/') ? source : undefined
}

test('writing to a disk is slowed down', async (t) => {
  const device = rootDevice()
  if (device === undefined) return t.skip('no disk under the store')
  const write = sh('time -p sh -c "dd if=/dev/zero of=/file bs=256k count=12 oflag=direct conv=fsync 2>/dev/null"')
  // Three megabytes at one a second.
  const { code, stderr } = await run(['--device-write-bps', `${device}:1m`, ...write])
  assert.equal(code, 0, stderr)
  const seconds = Number(/^real (\d+\.\d+)$/m.exec(stderr)?.[1])
  assert.ok(seconds > 1.5, `took ${seconds} s`)
  refused(await run(['--device-write-bps', '/dev/null:1m', 'busybox', 'true']), 125, /\/dev\/null: it is not a block device/)
})
