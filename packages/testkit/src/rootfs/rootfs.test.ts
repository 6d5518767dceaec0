import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { inspectWithSkopeo } from '../image/skopeo.ts'
import { startRegistry } from '../registry/registry.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { busyboxRootfs } from './busybox.ts'
import { debianRootfs } from './debian.ts'
import { busyboxImage, debianImage, debianLayered } from './images.ts'

const asRoot = { skip: process.getuid?.() !== 0 && 'needs root' }

test('busybox runs in its root file system', asRoot, (t) => {
  const directory = temporaryDirectory(t)
  execFileSync('tar', ['-xp', '-C', directory], { input: busyboxRootfs() })
  const script = 'cat /etc/passwd | grep -c :; stat -c %h /bin/sh; whoami'
  assert.equal(execFileSync('chroot', [directory, '/bin/sh', '-c', script], { encoding: 'utf8' }), '5\n3\nroot\n')
})

test('Debian is made once, and ping has its capability', asRoot, async (t) => {
  const [one, two] = await Promise.all([debianRootfs(), debianRootfs()])
  assert.equal(one, two)
  const directory = temporaryDirectory(t)
  execFileSync('tar', [
    '-xp',
    '--xattrs',
    '--xattrs-include=*',
    '-f',
    one,
    '-C',
    directory,
    './usr/bin/ping',
    './etc/os-release',
    './usr/lib/os-release',
  ])
  assert.match(execFileSync('/sbin/getcap', [`${directory}/usr/bin/ping`], { encoding: 'utf8' }), /cap_net_raw=ep/)
  assert.match(execFileSync('cat', [`${directory}/etc/os-release`], { encoding: 'utf8' }), /bookworm/)
})

test('the images are pushed under their names', async () => {
  await using registry = await startRegistry()
  const names = [await debianImage(registry.host), await debianLayered(registry.host), await busyboxImage(registry.host)]
  assert.deepEqual(
    names.map((name) => name.slice(registry.host.length)),
    ['/debian:latest', '/debian-layered:latest', '/busybox:latest'],
  )
  const layers = await Promise.all(names.map(async (name) => ((await inspectWithSkopeo(`docker://${name}`)).Layers as string[]).length))
  assert.deepEqual(layers, [1, 4, 1])
})
