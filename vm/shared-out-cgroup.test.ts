import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { runFixture, succeeded } from '../test/support/running.ts'

// As systemd in a container does it. With v1 beside v2 a container has nothing to share out.
const SHARE_OUT = `
cd /sys/fs/cgroup
mkdir init below
echo 1 > init/cgroup.procs
echo +pids > cgroup.subtree_control
exec sleep 1000`

const { gocker } = runFixture('busybox')

test('a container that has shared its cgroup out is entered where its first process is', async () => {
  const health = ['--health-cmd', 'grep -q /init$ /proc/self/cgroup', '--health-interval', '1s', '--health-timeout', '100s']
  const words = ['run', '-d', '--name', 'sharing', '--privileged', '-m', '64m', ...health, 'busybox', 'sh', '-c', SHARE_OUT]
  succeeded(await gocker(words))
  try {
    await shared()
    for (let health = ''; health !== 'healthy'; await delay(200)) health = await state('{{.State.Health.Status}}')
    assert.equal(succeeded(await gocker(['exec', 'sharing', 'cat', '/proc/self/cgroup'])).stdout, '0::/init\n')
    succeeded(await gocker(['update', '-m', '96m', '--memory-swap', '96m', 'sharing']))
    assert.match(succeeded(await gocker(['stats', '--no-stream', 'sharing'])).stdout, /96MiB/)
    succeeded(await gocker(['pause', 'sharing']))
    succeeded(await gocker(['unpause', 'sharing']))
  } finally {
    await gocker(['rm', '-f', 'sharing'])
  }
})

async function shared(): Promise<void> {
  const look = ['exec', 'sharing', 'cat', '/sys/fs/cgroup/cgroup.subtree_control']
  for (let text = ''; text !== 'pids\n'; text = (await gocker(look)).stdout) await delay(200)
}

async function state(format: string): Promise<string> {
  return succeeded(await gocker(['inspect', '-f', format, 'sharing'])).stdout.trim()
}
