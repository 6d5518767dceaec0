import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseMountInfo, readMountInfo } from './mount-info.ts'

test('a line with propagation fields and escapes', () => {
  const line = '36 35 98:0 /a\\040b /mnt/x\\134y rw,noatime shared:1 master:2 - ext3 /dev/with\\011tab rw,errors=continue\n'
  assert.deepEqual(parseMountInfo(line), [
    {
      id: 36,
      parent: 35,
      major: 98,
      minor: 0,
      root: '/a b',
      mountPoint: '/mnt/x\\y',
      options: ['rw', 'noatime'],
      propagation: ['shared:1', 'master:2'],
      type: 'ext3',
      source: '/dev/with\ttab',
      superOptions: ['rw', 'errors=continue'],
    },
  ])
})

test('a hyphen before the propagation fields is a name', () => {
  const [info] = parseMountInfo('1 2 0:3 - - ro - tmpfs - rw')
  assert.deepEqual([info?.root, info?.mountPoint, info?.type, info?.source], ['-', '-', 'tmpfs', '-'])
})

test("the machine's own mounts", () => {
  const { text, mounts, same } = readAtOnce()
  assert.equal(mounts.length, text.trimEnd().split('\n').length)
  assert.ok(mounts.some(({ mountPoint, type }) => mountPoint === '/proc' && type === 'proc'))
  assert.ok(mounts.every(({ id, parent }) => id > 0 && parent > 0))
  assert.deepEqual(same, mounts)
})

/** Again, where somebody has mounted something meanwhile. */
function readAtOnce() {
  for (;;) {
    const text = readFileSync('/proc/self/mounts', 'utf8')
    const [mounts, same] = [readMountInfo(), readMountInfo(process.pid)]
    if (readFileSync('/proc/self/mounts', 'utf8') === text) return { text, mounts, same }
  }
}

test('no process, no mounts', () => {
  assert.throws(() => readMountInfo(0x7fff_ffff), { name: 'KernelError', code: 'ESRCH' })
})
