import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readHierarchies } from './hierarchies.ts'
import { inMounts } from './inside.fixture.ts'

const hierarchies = readHierarchies()
const v2 = hierarchies.some(({ version }) => version === 'v2')
const v1Freezer = hierarchies.some(({ controllers, version }) => version === 'v1' && controllers.includes('freezer'))

// What these hosts cannot be shown here, another host's controllers, is tested as data.
const V2_ALONE = 'umount --recursive /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup'
const V1_ALONE = 'for type in $(findmnt -rno TARGET -t cgroup2); do umount "$type"; done'

test('where v2 is alone, devices are a program and freezing and killing are v2', { skip: !v2 && 'no cgroup v2 tree' }, () => {
  const seen = inMounts(
    V2_ALONE,
    `const devices = [{ allow: false }, { allow: true, type: 'c', major: 1, minor: 3 }]
     const cgroup = await kernel.createCgroup({ path: inside.uniquePath(), resources: { devices } })
     try {
       const nulls = inside.runInside(cgroup, ': < /dev/null').status
       const zeros = inside.runInside(cgroup, ': < /dev/zero').status
       const child = await inside.startInside(cgroup, 'echo ready; sleep 60 & wait')
       await cgroup.freeze()
       const frozen = process.getBuiltinModule('fs').readFileSync(cgroup.procsFiles[0].replace('procs', 'events'), 'utf8').includes('frozen 1')
       await cgroup.thaw()
       await cgroup.freeze()
       await cgroup.kill()
       const limited = await cgroup.update({ pids: { limit: 10 } }).catch(({ code }) => code)
       console.log(JSON.stringify({ views: cgroup.views, files: cgroup.procsFiles.length, nulls, zeros: zeros !== 0, frozen, left: await cgroup.processes(), limited }))
     } finally {
       await cgroup.kill()
       await cgroup.remove()
     }`,
  )
  assert.deepEqual(seen, {
    views: [{ controller: '', hierarchy: 'v2', mountOptions: '', links: [] }],
    files: 1,
    nulls: 0,
    zeros: true,
    frozen: true,
    left: [],
    // Bound to v1 elsewhere on this machine.
    ...(v1Freezer ? { limited: 'UNSUPPORTED' } : {}),
  })
})

test('where v1 is alone, killing goes by the freezer', { skip: !v1Freezer && 'no v1 freezer' }, () => {
  const seen = inMounts(
    V1_ALONE,
    `const cgroup = await kernel.createCgroup({ path: inside.uniquePath(), resources: { pids: { limit: 50 } } })
     try {
       await inside.startInside(cgroup, 'echo ready; bomb() { bomb & bomb; }; bomb 2>&-')
       await cgroup.freeze()
       await cgroup.kill()
       const unified = await cgroup.update({ unified: { 'memory.high': '1' } }).catch(({ code }) => code)
       console.log(JSON.stringify({ left: await cgroup.processes(), v2: cgroup.views.some(({ hierarchy }) => hierarchy === 'v2'), unified }))
     } finally {
       await cgroup.kill()
       await cgroup.remove()
     }`,
  )
  assert.deepEqual(seen, { left: [], v2: false, unified: 'UNSUPPORTED' })
})

test('where nothing is mounted, that is said', () => {
  const seen = inMounts(
    'umount --recursive /sys/fs/cgroup',
    `const code = await kernel.createCgroup({ path: inside.uniquePath(), resources: {} }).catch(({ code, message }) => [code, message])
     console.log(JSON.stringify(code))`,
  )
  assert.deepEqual(seen, ['UNSUPPORTED', 'limiting cgroup: no cgroup tree is mounted here'])
})

test('where the trees are read-only, that is said', () => {
  const seen = inMounts(
    'for tree in $(findmnt -rno TARGET -t cgroup,cgroup2); do mount -o remount,bind,ro "$tree"; done',
    `const failed = await kernel.createCgroup({ path: inside.uniquePath(), resources: {} }).catch(({ code, hint }) => [code, typeof hint])
     console.log(JSON.stringify(failed))`,
  )
  assert.deepEqual(seen, ['EROFS', 'string'])
})
