import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMountInfo } from '../mounts/mount-info.ts'
import { directoryName, hierarchiesOf, homeOf, readHierarchies } from './hierarchies.ts'
import { inMounts } from './inside.fixture.ts'
import { viewsOf } from './views.ts'

const V1 = `30 23 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw
31 30 0:27 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 30 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
34 40 0:29 /docker /mnt/rootfs/sys/fs/cgroup/memory ro - cgroup cgroup rw,memory`
const UNIFIED = '35 30 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate'
const V2 = '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate'

const read = (text: string, given: readonly string[] = []) =>
  hierarchiesOf(parseMountInfo(text), { v1Controllers: () => ['cpu', 'cpuacct', 'memory', 'pids', 'xattr2'], v2Controllers: () => given })

test('a v1 host: trees with several controllers, with one, with a name', () => {
  assert.deepEqual(read(V1), [
    { version: 'v1', mountPoint: '/sys/fs/cgroup/systemd', controllers: [], name: 'systemd' },
    { version: 'v1', mountPoint: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'], name: undefined },
    { version: 'v1', mountPoint: '/sys/fs/cgroup/memory', controllers: ['memory'], name: undefined },
  ])
})

test('the usual place wins, whichever is mounted first', () => {
  const lines = V1.split('\n').toReversed().join('\n')
  assert.equal(homeOf('memory', 'v1', read(lines))?.mountPoint, '/sys/fs/cgroup/memory')
})

test('a hybrid host: each controller has its own home', () => {
  const hierarchies = read(`${UNIFIED}\n${V1}`, ['pids'])
  assert.equal(hierarchies.at(-1)?.version, 'v2')
  assert.equal(homeOf('cpuacct', 'v1', hierarchies)?.mountPoint, '/sys/fs/cgroup/cpu,cpuacct')
  assert.equal(homeOf('pids', 'v1', hierarchies), undefined)
  assert.equal(homeOf('pids', 'v2', hierarchies)?.mountPoint, '/sys/fs/cgroup/unified')
  assert.equal(homeOf('memory', 'v2', hierarchies), undefined)
})

test('views of a hybrid host', () => {
  assert.deepEqual(viewsOf(read(`${V1}\n${UNIFIED}`)), [
    { controller: 'systemd', hierarchy: 'v1', mountOptions: 'name=systemd', links: [] },
    { controller: 'cpu,cpuacct', hierarchy: 'v1', mountOptions: 'cpu,cpuacct', links: ['cpu', 'cpuacct'] },
    { controller: 'memory', hierarchy: 'v1', mountOptions: 'memory', links: [] },
    { controller: 'unified', hierarchy: 'v2', mountOptions: '', links: [] },
  ])
})

test('the view of a v2 host is one mount', () => {
  assert.deepEqual(viewsOf(read(V2, ['memory'])), [{ controller: '', hierarchy: 'v2', mountOptions: '', links: [] }])
})

test('this machine: every tree has its place, and no controller two', () => {
  const hierarchies = readHierarchies()
  assert.ok(hierarchies.length > 0)
  const controllers = hierarchies.flatMap((each) => each.controllers)
  assert.equal(new Set(controllers).size, controllers.length)
  assert.equal(new Set(hierarchies.map(directoryName)).size, hierarchies.length)
})

test('two controllers mounted together share one cgroup', () => {
  const [files, sizes] = inMounts(
    `mount -t tmpfs tmpfs /mnt; mkdir /mnt/net_cls,net_prio; mount -t cgroup -o net_cls,net_prio cgroup /mnt/net_cls,net_prio`,
    `const path = inside.uniquePath()
     const before = kernel.readHierarchies().find(({ controllers }) => controllers.includes('net_cls'))
     const cgroup = await kernel.createCgroup({ path, resources: {} })
     const files = cgroup.procsFiles.map((file) => file.replace(path, '')).filter((file) => file.includes('net'))
     await cgroup.remove()
     console.log(JSON.stringify([files, before.controllers.toSorted()]))`,
  ) as [string[], string[]]
  assert.deepEqual(files, ['/mnt/net_cls,net_prio/cgroup.procs'])
  assert.deepEqual(sizes, ['net_cls', 'net_prio'])
})
