import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { getXattr, listXattrs, removeXattr, setXattr } from './xattrs.ts'

test('attributes by path', (t) => {
  const path = join(temporaryDirectory(t), 'file')
  writeFileSync(path, '')
  assert.deepEqual(listXattrs(path), [])
  setXattr(path, 'user.bytes', Buffer.from([0, 255, 1]))
  setXattr(path, 'trusted.overlay.opaque', Buffer.from('y'))
  setXattr(path, 'user.empty', new Uint8Array())
  assert.deepEqual(listXattrs(path).sort(), ['trusted.overlay.opaque', 'user.bytes', 'user.empty'])
  assert.deepEqual(getXattr(path, 'user.bytes'), Buffer.from([0, 255, 1]))
  assert.deepEqual(getXattr(path, 'user.empty'), Buffer.alloc(0))
  removeXattr(path, 'user.bytes')
  assert.equal(getXattr(path, 'user.bytes'), undefined)
  assert.throws(() => removeXattr(path, 'user.bytes'), {
    code: 'ENODATA',
    message: `removexattr user.bytes of ${path}: ENODATA (no data available)`,
  })
})

test('attributes by descriptor', (t) => {
  const path = join(temporaryDirectory(t), 'file')
  const fd = openSync(path, 'w')
  try {
    setXattr(fd, 'user.x', Buffer.from('y'))
    assert.deepEqual(listXattrs(fd), ['user.x'])
    assert.equal(getXattr(fd, 'user.x')?.toString(), 'y')
    assert.equal(getXattr(path, 'user.x')?.toString(), 'y')
    removeXattr(fd, 'user.x')
    assert.deepEqual(listXattrs(path), [])
  } finally {
    closeSync(fd)
  }
})

test('a value that was read stays when the next is read', (t) => {
  const path = join(temporaryDirectory(t), 'file')
  writeFileSync(path, '')
  setXattr(path, 'user.a', Buffer.from('first'))
  setXattr(path, 'user.b', Buffer.from('other'))
  const first = getXattr(path, 'user.a')
  getXattr(path, 'user.b')
  assert.equal(first?.toString(), 'first')
})

test('a symlink has its own attributes', (t) => {
  const directory = temporaryDirectory(t)
  const [target, link] = [join(directory, 'target'), join(directory, 'link')]
  writeFileSync(target, '')
  symlinkSync(target, link)
  setXattr(link, 'trusted.mark', Buffer.from('link'))
  assert.equal(getXattr(target, 'trusted.mark'), undefined)
  assert.equal(getXattr(link, 'trusted.mark')?.toString(), 'link')
})

test('capabilities of files are what setcap writes', (t) => {
  const directory = temporaryDirectory(t)
  const [theirs, ours] = [join(directory, 'theirs'), join(directory, 'ours')]
  writeFileSync(theirs, '')
  writeFileSync(ours, '')
  execFileSync('setcap', ['cap_net_raw=ep', theirs])
  const capability = getXattr(theirs, 'security.capability') as Buffer
  setXattr(ours, 'security.capability', capability)
  assert.match(execFileSync('getcap', [ours], { encoding: 'utf8' }), /cap_net_raw[=+]ep/)
})

test('a file system without attributes has none, and says so when one is set', () => {
  assert.deepEqual(listXattrs('/proc/version'), [])
  assert.equal(getXattr('/proc/version', 'user.x'), undefined)
  assert.throws(() => setXattr('/proc/version', 'user.x', Buffer.from('y')), { name: 'KernelError', syscall: 'setxattr' })
})
