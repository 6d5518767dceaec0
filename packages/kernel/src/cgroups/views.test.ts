import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroupOf, runInside } from './inside.fixture.ts'

test('what is mounted shows a container its own cgroups, and them as roots', async (t) => {
  const cgroup = await cgroupOf(t, { pids: { limit: 77 } })
  const mounts = cgroup.views.map(({ controller, hierarchy, mountOptions }) => {
    const [place, type] = [`/mnt/${controller}`, hierarchy === 'v1' ? 'cgroup' : 'cgroup2']
    return `mkdir -p ${place} && mount -t ${type} ${mountOptions && `-o ${mountOptions}`} none ${place} && grep -qx $$ ${place}/cgroup.procs && echo '${controller}'`
  })
  const script = ['mount -t tmpfs none /mnt', ...mounts, 'cat /mnt/pids/pids.max /mnt/pids.max 2>&-', 'cat /proc/self/cgroup'].join('\n')
  const { stdout } = runInside(cgroup, `exec unshare --cgroup --mount --propagation private sh -c "$INSIDE"`, { INSIDE: script })
  const lines = stdout.trim().split('\n')
  const count = cgroup.views.length
  assert.deepEqual(
    lines.slice(0, count),
    cgroup.views.map(({ controller }) => controller),
  )
  assert.equal(lines[count], '77')
  for (const line of lines.slice(count + 1)) assert.equal(line.split(':')[2], '/')
})
