import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { MNT_DETACH, MOUNT_FLAGS as MS, mount, unmount } from '../door/mount.ts'
import { MOUNT_ATTRIBUTES as ATTR, encodeMountAttributes } from './attributes.ts'
import { readMountInfo } from './mount-info.ts'
import { type MountOptions, parseMountOptions } from './options.ts'

const NOTHING: MountOptions = { flags: 0, cleared: 0, propagation: 0, data: '', recursive: undefined, copyUp: false, mapped: undefined }

const cases: readonly [options: string, expected: Partial<MountOptions>][] = [
  ['', {}],
  ['defaults', {}],
  ['ro,nosuid,nodev,noexec', { flags: MS.MS_RDONLY | MS.MS_NOSUID | MS.MS_NODEV | MS.MS_NOEXEC }],
  ['rw,suid', { cleared: MS.MS_RDONLY | MS.MS_NOSUID }],
  ['ro,rw', { cleared: MS.MS_RDONLY }],
  ['rw,ro', { flags: MS.MS_RDONLY }],
  ['bind', { flags: MS.MS_BIND }],
  ['rbind,rprivate', { flags: MS.MS_BIND | MS.MS_REC, propagation: MS.MS_PRIVATE | MS.MS_REC }],
  ['slave', { propagation: MS.MS_SLAVE }],
  ['private,rshared', { propagation: MS.MS_SHARED | MS.MS_REC }],
  ['nosuid,mode=755,size=64k', { flags: MS.MS_NOSUID, data: 'mode=755,size=64k' }],
  ['newinstance,ptmxmode=0666,gid=5', { data: 'newinstance,ptmxmode=0666,gid=5' }],
  ['rbind,rro', { flags: MS.MS_BIND | MS.MS_REC, recursive: { set: ATTR.MOUNT_ATTR_RDONLY, clear: 0n } }],
  ['rro,rrw', { recursive: { set: 0n, clear: ATTR.MOUNT_ATTR_RDONLY } }],
  ['rnoatime', { recursive: { set: ATTR.MOUNT_ATTR_NOATIME, clear: ATTR.MOUNT_ATTR__ATIME } }],
  ['rnosuid,rnoatime,rrelatime', { recursive: { set: ATTR.MOUNT_ATTR_NOSUID, clear: ATTR.MOUNT_ATTR__ATIME } }],
  ['tmpcopyup,mode=700', { copyUp: true, data: 'mode=700' }],
  ['constructor,__proto__', { data: 'constructor,__proto__' }],
]

for (const [options, expected] of cases) {
  test(`options ${JSON.stringify(options)}`, () => assert.deepEqual(parseMountOptions(options.split(',')), { ...NOTHING, ...expected }))
}

test('owners are mapped on a mount, or on all below it', () => {
  assert.deepEqual(
    [[], ['idmap'], ['ridmap']].map((options) => parseMountOptions(options).mapped),
    [undefined, 'mount', 'below'],
  )
})

test('recursive attributes as mount_setattr(2) takes them', () => {
  const bytes = encodeMountAttributes({ set: 1n, clear: ATTR.MOUNT_ATTR__ATIME })
  assert.deepEqual([...new BigUint64Array(new Uint8Array(bytes).buffer)], [1n, 0x70n, 0n, 0n])
})

test('the kernel takes what was read, and shows it', (t) => {
  const target = join(temporaryDirectory(t), 'a b\\c')
  mkdirSync(target)
  const { flags, data, propagation } = parseMountOptions(['nosuid', 'nodev', 'noexec', 'noatime', 'size=64k', 'mode=700', 'rprivate'])
  mount({ source: 'some thing', target, type: 'tmpfs', flags, data })
  try {
    mount({ source: 'none', target, flags: propagation })
    writeFileSync(join(target, 'file'), '')
    const info = readMountInfo().find((each) => each.mountPoint === target)
    assert.deepEqual(info?.options, ['rw', 'nosuid', 'nodev', 'noexec', 'noatime'])
    assert.deepEqual([info?.type, info?.source, info?.root, info?.propagation], ['tmpfs', 'some thing', '/', []])
    assert.ok(info?.superOptions.includes('size=64k'))
  } finally {
    unmount(target, MNT_DETACH)
  }
})
