import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { detachedFixture } from './support/detached.ts'
import { refused } from './support/running.ts'

const { gocker, prints: ok, output } = detachedFixture('busybox')

test('a volume is made, listed, inspected, used and removed', async () => {
  assert.equal(await ok('volume', 'create', '--label', 'tier=db', 'data'), 'data\n')
  await output(['--network', 'none', '-v', 'data:/data', 'busybox', 'sh', '-c', 'echo kept > /data/file'])
  assert.equal(await output(['--network', 'none', '-v', 'data:/data', 'busybox', 'cat', '/data/file']), 'kept\n')
  assert.equal(await ok('volume', 'ls'), 'DRIVER   VOLUME NAME\nlocal    data\n')
  const [volume] = JSON.parse(await ok('volume', 'inspect', 'data'))
  assert.deepEqual(
    [volume.Name, volume.Driver, volume.Labels, volume.Options, volume.Scope],
    ['data', 'local', { tier: 'db' }, null, 'local'],
  )
  assert.equal(readFileSync(join(volume.Mountpoint, 'file'), 'utf8'), 'kept\n')
  assert.equal(await ok('volume', 'rm', 'data'), 'data\n')
  assert.equal(existsSync(volume.Mountpoint), false)
})

test('a volume that a container has stays', async () => {
  await ok('create', '--network', 'none', '--name', 'user', '-v', 'used:/x', 'busybox', 'true')
  refused(await gocker(['volume', 'rm', 'used']), 1, /removing volume used: container user mounts it\n {2}hint: gocker rm user first/)
  assert.equal(await ok('volume', 'ls', '-q', '-f', 'dangling=false'), 'used\n')
  assert.equal(await ok('volume', 'ls', '-q', '-f', 'dangling=true'), '')
  assert.equal(await ok('volume', 'prune', '-af'), 'Total reclaimed space: 0B\n')
  await ok('rm', 'user')
  assert.match(await ok('volume', 'prune', '-af'), /^Deleted Volumes:\nused\n\nTotal reclaimed space: [\d.]+kB\n$/)
})

test('prune takes what has no name, and those with one when they are asked for and fit', async () => {
  const nameless = (await ok('volume', 'create')).trim()
  await ok('volume', 'create', '--label', 'keep=yes', 'kept')
  await ok('volume', 'create', 'loose')
  assert.match(await ok('volume', 'prune', '-f'), new RegExp(`^Deleted Volumes:\n${nameless}\n`))
  assert.match(await ok('volume', 'prune', '-af', '--filter', 'label!=keep'), /^Deleted Volumes:\nloose\n\n/)
  assert.equal(await ok('volume', 'ls', '-q', '--filter', 'label=keep=yes'), 'kept\n')
  await ok('volume', 'rm', 'kept')
})

test('a directory of the host can be a volume', async (t) => {
  const device = temporaryDirectory(t)
  writeFileSync(join(device, 'file'), 'of the host\n')
  await ok('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${device}`, 'bound')
  assert.equal(
    await output(['--network', 'none', '-v', 'bound:/x', 'busybox', 'sh', '-c', 'cat /x/file; echo back > /x/file']),
    'of the host\n',
  )
  await ok('volume', 'rm', 'bound')
  assert.equal(readFileSync(join(device, 'file'), 'utf8'), 'back\n')
})

test('what cannot be is refused', async () => {
  refused(await gocker(['volume', 'create', 'a/b']), 125, /creating volume "a\/b": a name has two or more letters/)
  refused(await gocker(['volume', 'create', '-d', 'nfs', 'x1']), 125, /there is no driver nfs/)
  refused(await gocker(['volume', 'create', '-o', 'type=tmpfs', 'x1']), 125, /a volume in memory is not supported/)
  refused(await gocker(['volume', 'rm', 'nope']), 1, /finding volume nope: there is none/)
  assert.equal(await ok('volume', 'rm', '-f', 'nope'), 'nope\n')
  refused(await gocker(['volume', 'inspect', 'nope']), 125, /finding volume nope: there is none/)
})
