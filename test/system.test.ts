import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gockerTerminal } from '@gocker/testkit'
import { detachedFixture } from './support/detached.ts'
import { refused } from './support/running.ts'

const { gocker, prints: ok, image, root } = detachedFixture('busybox')

test('df adds up images, containers, volumes and the build cache', async () => {
  await ok('run', '--network', 'none', '--name', 'one', '-v', 'data:/data', 'busybox', 'sh', '-c', 'echo x > /file')
  const table = await ok('system', 'df')
  assert.match(table, /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE$/m)
  assert.match(table, /^Images +1 +1 +[\d.]+MB +0B \(0%\)$/m)
  assert.match(table, /^Containers +1 +0 +[\d.]+kB +[\d.]+kB \(100%\)$/m)
  assert.match(table, /^Local Volumes +1 +1 +[\d.]+kB +0B \(0%\)$/m)
  assert.match(table, /^Build Cache +0 +0 +0B +0B$/m)
  const verbose = await ok('system', 'df', '-v')
  assert.match(verbose, /^busybox +latest +[0-9a-f]{12} .* +1$/m)
  assert.match(verbose, /^data +1 +[\d.]+kB$/m)
  assert.equal(
    await ok('system', 'df', '--format', '{{.Type}}: {{.Active}}'),
    'Images: 1\nContainers: 0\nLocal Volumes: 1\nBuild Cache: 0\n',
  )
})

test('prune takes what does not run, by filters and by asking', async () => {
  await ok('create', '--network', 'none', '--name', 'two', '-l', 'prune=me', 'busybox', 'true')
  assert.equal(await ok('system', 'prune', '-f', '--filter', 'label=prune=me'), 'container two\n')
  assert.equal(await ok('system', 'prune', '-f', '--filter', 'until=1h'), '')
  await using terminal = await gockerTerminal(['system', 'prune'], { root })
  await terminal.waitFor(/WARNING! This will remove:\n {2}- all stopped containers\n[\s\S]*continue\? \[y\/N\] ?$/m)
  await terminal.type('n\n')
  await terminal.exited()
  assert.equal(await ok('ps', '-a', '--format', '{{.Names}}'), 'one\n')
  assert.equal(await ok('system', 'prune'), 'container one\n')
  await ok('volume', 'rm', 'data')
})

test('image prune takes images without a name, and with --all those that no container has', async () => {
  await image('moved')
  await image('moved', 'ENV A=1')
  await ok('create', '--network', 'none', '--name', 'user', 'busybox', 'true')
  assert.match(await ok('image', 'prune', '-f'), /^Deleted Images:\ndeleted: sha256:[0-9a-f]{64}\n/)
  assert.equal(await ok('image', 'prune', '-af', '--filter', 'until=1h'), 'Total reclaimed space: 0B\n')
  assert.match(await ok('image', 'prune', '-af'), /^Deleted Images:\nuntagged: moved:latest\ndeleted: /)
  assert.equal(await ok('image', 'ls', '--format', '{{.Repository}}'), 'busybox\n')
  await ok('rm', 'user')
})

test('images are chosen by filters, and told by templates', async () => {
  await image('labelled:v2', 'LABEL tier=db')
  const names = async (...words: string[]) => (await ok('images', '--format', '{{.Repository}}:{{.Tag}}', ...words)).trimEnd()
  assert.equal(await names('--filter', 'label=tier=db'), 'labelled:v2')
  assert.equal(await names('--filter', 'reference=lab*'), 'labelled:v2')
  assert.equal(await names('--filter', 'reference=*:latest'), 'busybox:latest')
  assert.equal(await names('--filter', 'since=busybox'), 'labelled:v2')
  assert.equal(await names('--filter', 'dangling=true'), '')
  assert.match(await ok('images', '--digests', 'labelled'), /^REPOSITORY +TAG +DIGEST +IMAGE ID +CREATED +SIZE\nlabelled +v2 +<none> +/)
  refused(await gocker(['images', '--filter', 'dangling=perhaps']), 125, /not true or false/)
})

test('info and version tell of this host, in words and in JSON', async () => {
  const info = JSON.parse(await ok('info', '--format', 'json'))
  assert.deepEqual([info.Containers, info.OSType, info.NCPU > 0, info.MemTotal > 0], [0, 'linux', true, true])
  assert.equal(info.DockerRootDir, `${root}/store`)
  assert.ok(info.CgroupControllers.some(({ Name }: { Name: string }) => Name === 'memory'))
  assert.match(await ok('info'), new RegExp(`^Kernel: ${info.KernelVersion}$`, 'm'))
  assert.equal(await ok('system', 'info', '--format', '{{.KernelVersion}}'), `${info.KernelVersion}\n`)
  const version = JSON.parse(await ok('version', '--format', 'json'))
  assert.equal((await ok('--version')).trim(), `gocker version ${version.Client.Version}`)
  assert.equal(await ok('version', '-f', '{{.Server.KernelVersion}}'), `${info.KernelVersion}\n`)
  assert.match(await ok('version'), /^ cgroups: +v\d: /m)
})
