import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { openCgroup } from '../cgroup.ts'
import { createCgroup } from '../create.ts'
import { homeOf, readHierarchies } from '../hierarchies.ts'
import { cgroupOf, PARENT, uniquePath } from '../inside.fixture.ts'

// The one controller that a hybrid host may well leave to v2: so it tries the way of every limit of v2 on a real kernel.
const home = homeOf('hugetlb', 'v2', readHierarchies())
const skip = home === undefined && 'this machine has no v2 controller hugetlb'
const control = join(home?.mountPoint ?? '/', 'cgroup.subtree_control')
const before = home === undefined ? '' : readFileSync(control, 'utf8')

after(() => {
  openCgroup(PARENT).removeIfEmpty()
  if (home !== undefined && !before.includes('hugetlb')) writeFileSync(control, '-hugetlb')
})

const [pageSize = '2MB'] = existsSync('/sys/kernel/mm/hugepages/hugepages-2048kB') ? ['2MB'] : ['512MB']
const page = Number.parseInt(pageSize, 10) * 1024 ** 2

test('a limit of v2 is written, by its part and by its name', { skip }, async (t) => {
  const cgroup = await cgroupOf(t, { hugepageLimits: [{ pageSize, limit: 2 * page }] })
  const file = join((home as NonNullable<typeof home>).mountPoint, cgroup.path, `hugetlb.${pageSize}.max`)
  assert.equal(readFileSync(file, 'utf8'), `${2 * page}\n`)
  await cgroup.update({ unified: { [`hugetlb.${pageSize}.max`]: `${page}` } })
  assert.equal(readFileSync(file, 'utf8'), `${page}\n`)
  await cgroup.update({ hugepageLimits: [{ pageSize, limit: -1 }] })
  assert.equal(readFileSync(file, 'utf8'), 'max\n')
})

test('a controller is given away at every level, also to a cgroup named in `unified` alone', { skip }, async (t) => {
  const cgroup = await cgroupOf(t, { unified: { [`hugetlb.${pageSize}.max`]: `${page}` } })
  const { mountPoint } = home as NonNullable<typeof home>
  assert.match(readFileSync(join(mountPoint, dirname(cgroup.path), 'cgroup.subtree_control'), 'utf8'), /hugetlb/)
})

test('a page size that the kernel has not is refused, and nothing is left', async () => {
  const path = uniquePath()
  const refused = createCgroup({ path, resources: { hugepageLimits: [{ pageSize: '3MB', limit: page }] } })
  await assert.rejects(refused, { code: 'UNSUPPORTED', syscall: 'cgroup hugetlb' })
  assert.deepEqual(openCgroup(path).procsFiles.filter(existsSync), [])
})
