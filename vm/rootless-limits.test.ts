import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runFixture, succeeded } from '../test/support/running.ts'

// An ordinary user has limits only where a part of cgroup v2's tree is his, as systemd gives it.
const skip = process.getuid?.() === 0 && 'this is for an ordinary user'
const { gocker, run, output } = runFixture('busybox')
const sh = (script: string) => ['busybox', 'sh', '-c', script]

test('limits of an ordinary user are seen inside', { skip }, async () => {
  const script = 'cd /sys/fs/cgroup; cat memory.max pids.max cpu.max'
  assert.equal(await output(['--network', 'none', '-m', '64m', '--pids-limit', '30', ...sh(script)]), `${64 << 20}\n30\nmax 100000\n`)
})

test('who uses more memory than an ordinary user allowed is killed, and the exit says so', { skip }, async () => {
  const { code, stderr } = await run(['--network', 'none', '-m', '32m', ...sh('x=$(head -c 100000000 /dev/zero | tr "\\0" a)')])
  assert.equal(code, 137)
  assert.match(stderr, /used up its memory/)
})

test('processes of an ordinary user stop at his limit', { skip }, async () => {
  const script = 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 100 & done'
  const { stderr } = await run(['--network', 'none', '--pids-limit', '6', ...sh(script)])
  assert.match(stderr, /[Cc](an't|annot) fork/)
})

test('a busy process of an ordinary user is throttled at his quota', { skip }, async () => {
  const script =
    'while :; do :; done & until grep -q "^nr_throttled [1-9]" /sys/fs/cgroup/cpu.stat; do sleep 0.1; done; cat /sys/fs/cgroup/cpu.max'
  assert.equal(await output(['--network', 'none', '--cpus', '0.25', ...sh(script)]), '25000 100000\n')
})

test('a container of an ordinary user is paused, counted and changed', { skip }, async () => {
  succeeded(await gocker(['run', '-d', '--name', 'counted', '--network', 'none', '-m', '64m', ...sh('while :; do sleep 0.1; done')]))
  try {
    succeeded(await gocker(['pause', 'counted']))
    assert.match(succeeded(await gocker(['ps'])).stdout, /Paused/)
    succeeded(await gocker(['unpause', 'counted']))
    succeeded(await gocker(['update', '-m', '96m', '--memory-swap', '96m', 'counted']))
    assert.match(succeeded(await gocker(['stats', '--no-stream', 'counted'])).stdout, /96MiB/)
    assert.equal(succeeded(await gocker(['exec', 'counted', 'cat', '/sys/fs/cgroup/memory.max'])).stdout, `${96 << 20}\n`)
  } finally {
    await gocker(['rm', '-f', 'counted'])
  }
})
