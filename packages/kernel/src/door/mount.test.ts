import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { MNT_DETACH, MOUNT_FLAGS, mount, unmount } from './mount.ts'

test('a tmpfs comes and goes', (t) => {
  const target = temporaryDirectory(t)
  mount({ source: 'tmpfs', target, type: 'tmpfs', flags: MOUNT_FLAGS.MS_NOSUID, data: 'size=64k' })
  writeFileSync(join(target, 'file'), 'x')
  unmount(target, MNT_DETACH)
  assert.equal(existsSync(join(target, 'file')), false)
})

test('a bind mount needs neither type nor data', (t) => {
  const [source, target] = [temporaryDirectory(t), temporaryDirectory(t)]
  writeFileSync(join(source, 'file'), 'x')
  mount({ source: Buffer.from(source), target: Buffer.from(target), flags: MOUNT_FLAGS.MS_BIND })
  try {
    assert.equal(existsSync(join(target, 'file')), true)
  } finally {
    unmount(target)
  }
})

test('a refusal names the call, what it was about and why', (t) => {
  const target = join(temporaryDirectory(t), 'missing')
  assert.throws(() => mount({ source: 'proc', target, type: 'proc' }), {
    name: 'KernelError',
    code: 'ENOENT',
    syscall: 'mount',
    message: `mount proc on ${target}: ENOENT (no such file or directory)`,
  })
  assert.throws(() => unmount(target), { code: 'ENOENT', syscall: 'umount' })
})

test('a path with a NUL inside is not cut short', () => {
  assert.throws(() => unmount('/tmp\0/x'), { code: 'EINVAL' })
  assert.throws(() => unmount(Buffer.from('/tmp\0/x')), { code: 'EINVAL' })
})
