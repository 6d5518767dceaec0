import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sandbox, shell } from '../testing/sandbox.ts'

const MiB = 2 ** 20

/** The first of these files that is there: of version 1, or of version 2. */
const either = (...files: readonly string[]) => `cat ${files.map((file) => `/sys/fs/cgroup/${file}`).join(' ')} 2>/dev/null`

test('limits are visible inside', async (t) => {
  const { run } = await sandbox(t)
  const script = shell(
    [
      either('memory/memory.limit_in_bytes', 'memory.max'),
      either('cpu/cpu.cfs_quota_us', 'cpu.max'),
      either('pids/pids.max', 'pids.max'),
    ].join('; '),
  )
  const { stdout } = await run(script, { memory: 64 * MiB, cpus: 0.5, pidsLimit: 20 })
  assert.match(stdout, /^67108864\n50000( 100000)?\n20\n$/)
})

test('its cgroup is the root of what it sees', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(['cat', '/proc/self/cgroup'])
  for (const line of stdout.trim().split('\n')) assert.match(line, /:\/$/)
})

test('too much memory ends it, and is told', async (t) => {
  const { run } = await sandbox(t)
  const { code, signal, oomKilled } = await run(shell('x=a; while :; do x=$x$x; done'), { memory: 16 * MiB })
  assert.deepEqual([code, signal, oomKilled], [137, 'SIGKILL', true])
})

test('a killed child is told too, when the command goes on', async (t) => {
  const { run } = await sandbox(t)
  const { code, oomKilled } = await run(shell("sh -c 'x=a; while :; do x=$x$x; done'; exit 3"), { memory: 16 * MiB })
  assert.deepEqual([code, oomKilled], [3, true])
})

test('processes end at the limit', async (t) => {
  const { run, leaks } = await sandbox(t)
  const { stderr } = await run(shell('i=0; while [ $i -lt 30 ]; do sleep 1 & i=$((i+1)); done; wait'), { pidsLimit: 10 })
  assert.match(stderr, /can't fork/)
  await leaks.assertNone()
})

test('a limit that nothing can hold is an error, and leaves nothing', async (t) => {
  const { create, leaks } = await sandbox(t)
  const container = await create({ command: ['true'], cpusetCpus: '4000' })
  await assert.rejects(container.start(), { name: 'KernelError' })
  await container.remove()
  await leaks.assertNone()
})
