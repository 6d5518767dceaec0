import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { refused, runFixture } from './support/running.ts'

const { gocker, run, output, root } = runFixture('busybox')

const sh = (script: string) => ['busybox', 'sh', '-c', script]

/** A directory of the host with one file in it. */
function hostDirectory(t: TestContext): string {
  const directory = temporaryDirectory(t)
  chmodSync(directory, 0o755)
  writeFileSync(join(directory, 'file'), 'of the host\n')
  return directory
}

test('a directory of the host can be read and written', async (t) => {
  const host = hostDirectory(t)
  assert.equal(await output(['-v', `${host}:/host`, ...sh('cat /host/file; echo back > /host/new')]), 'of the host\n')
  assert.equal(readFileSync(join(host, 'new'), 'utf8'), 'back\n')
})

test('a read-only one cannot be written, nor made writable', async (t) => {
  const host = hostDirectory(t)
  for (const flags of [
    ['-v', `${host}:/host:ro`],
    ['--mount', `type=bind,src=${host},dst=/host,readonly`],
  ]) {
    const { code, stdout, stderr } = await run([...flags, ...sh('cat /host/file; mount -o remount,rw /host; touch /host/new')])
    assert.deepEqual([code, stdout], [1, 'of the host\n'])
    assert.match(stderr, /Read-only file system/)
  }
  assert.equal(existsSync(join(host, 'new')), false)
})

test('one file, and a path with dots, can be bound', async (t) => {
  const host = hostDirectory(t)
  assert.equal(await output(['-v', `${host}/file:/etc/motd:ro`, 'busybox', 'cat', '/etc/motd']), 'of the host\n')
  assert.equal(await output(['-v', './file:/f', 'busybox', 'cat', '/f'], { cwd: host }), 'of the host\n')
})

test('a source that is not there is made by -v and refused by --mount', async (t) => {
  const host = hostDirectory(t)
  assert.equal(await output(['-v', `${host}/made:/m`, ...sh('touch /m/x; ls /m')]), 'x\n')
  assert.ok(existsSync(join(host, 'made/x')))
  refused(await run(['--mount', `type=bind,src=${host}/not,dst=/m`, 'busybox', 'true']), 125, /not on \/m: it does not exist/)
})

test('no symlink in a volume leads out of the container', async (t) => {
  const host = hostDirectory(t)
  symlinkSync(root, join(host, 'out'))
  const { code } = await run(['-v', `${host}:/a`, '--tmpfs', '/a/out/store', ...sh('ls -d /a/out/store/oci-layout')])
  assert.notEqual(code, 0)
  assert.equal(existsSync(join(root, 'store/oci-layout')), true)
})

test('a named volume outlives its containers, and starts with what the image has there', async () => {
  assert.equal(await output(['-v', 'kept:/home', ...sh('echo word > /home/word; ls /home')]), 'alice\nword\n')
  assert.equal(await output(['-v', 'kept:/v:ro', ...sh('cat /v/word; stat -c %u:%a /v/alice')]), 'word\n1000:700\n')
  assert.equal(await output(['--mount', 'type=volume,src=kept,dst=/v', ...sh('cat /v/word')]), 'word\n')
})

test('an anonymous volume goes with its container', async () => {
  const before = await volumes()
  assert.equal(await output(['-v', '/data', ...sh('echo x > /data/x; cat /data/x; mount | grep -c " /data "')]), 'x\n1\n')
  assert.deepEqual(await volumes(), before)
})

/** All of the store that is neither image nor layer. */
async function volumes(): Promise<string[]> {
  const { readdir } = await import('node:fs/promises')
  const lists = await Promise.all(['containers', 'volumes'].map((name) => readdir(join(root, 'store', name)).catch(() => [])))
  return lists.flat().sort()
}

test('a tmpfs has its size and mode', async () => {
  const text = await output(['--tmpfs', '/scratch:size=1m,mode=700', ...sh('stat -c %a /scratch; df -k /scratch | tail -1')])
  assert.match(text, /^700\ntmpfs +1024 /)
  const { code } = await run(['--mount', 'type=tmpfs,dst=/scratch,tmpfs-size=1m', ...sh('head -c 2000000 /dev/zero > /scratch/f')])
  assert.equal(code, 1)
})

test('wrong mounts are refused', async () => {
  const wrong: [words: string[], said: RegExp][] = [
    [['-v', 'relative/dir:/x'], /not a volume's name/],
    [['-v', '/host:relative'], /not absolute/],
    [['-v', '/tmp:/x:zz'], /"zz"/],
    [['-v', '/tmp:/'], /over the container's \//],
    [['--mount', 'type=moon,dst=/x'], /no type is called "moon"/],
    [['--mount', 'type=bind,dst=/x'], /absolute source/],
    [['--tmpfs', 'x'], /not absolute/],
  ]
  for (const [flags, said] of wrong) refused(await run([...flags, 'busybox', 'true']), 125, said)
})

test('a read-only root can still have places to write', async () => {
  const { code, stdout, stderr } = await run(['--read-only', '--tmpfs', '/tmp', ...sh('touch /tmp/yes /dev/shm/yes && echo ok; touch /no')])
  assert.deepEqual([code, stdout, stderr], [1, 'ok\n', 'touch: /no: Read-only file system\n'])
})

test('what a container writes is in no other', async () => {
  await output(sh('rm /etc/os-release; echo x > /written'))
  assert.equal(await output(sh('ls /written 2>/dev/null; grep ^ID /etc/os-release')), 'ID=busybox\n')
})

test('hosts, resolv.conf and hostname are made', async () => {
  const flags = [
    '--add-host',
    'db:10.0.0.2',
    '--dns',
    '192.0.2.53',
    '--dns-search',
    'example.com',
    '--dns-option',
    'ndots:3',
    '--hostname',
    'box',
  ]
  const text = await output([...flags, ...sh('cat /etc/resolv.conf /etc/hostname; hostname; grep -E "localhost$|db" /etc/hosts')])
  assert.equal(text, 'nameserver 192.0.2.53\nsearch example.com\noptions ndots:3\nbox\nbox\n127.0.0.1\tlocalhost\n10.0.0.2\tdb\n')
})

test('the id is written to a file, which must be new', async (t) => {
  const file = join(temporaryDirectory(t), 'id')
  const hostname = await output(['--cidfile', file, 'busybox', 'hostname'])
  const id = readFileSync(file, 'utf8')
  assert.match(id, /^[0-9a-f]{64}$/)
  assert.equal(hostname, `${id.slice(0, 12)}\n`)
  refused(await run(['--cidfile', file, 'busybox', 'true']), 125, /the file is there already/)
  assert.equal(readFileSync(file, 'utf8'), id)
})

test('/dev/shm has its size', async () => {
  assert.match(await output(['busybox', 'df', '-k', '/dev/shm']), / 65536 /)
  assert.match(await output(['--shm-size', '2m', 'busybox', 'df', '-k', '/dev/shm']), / 2048 /)
})

test('a device of the host is given under its own name or another, and no other can be used', async (t) => {
  if (!existsSync('/dev/fuse')) return t.skip('the host has no /dev/fuse')
  assert.equal(await output(['--device', '/dev/fuse', ...sh(': < /dev/fuse && stat -c %t:%T /dev/fuse')]), 'a:e5\n')
  const { stdout } = await run([
    '--device',
    '/dev/fuse:/dev/other:r',
    ...sh(': < /dev/other && echo read; (: >> /dev/other) 2>/dev/null || echo refused'),
  ])
  assert.equal(stdout, 'read\nrefused\n')
  const { code, stderr } = await run(sh('mknod /node c 10 229 && : < /node'))
  assert.equal(code, 1)
  assert.match(stderr, /Operation not permitted/)
  refused(await run(['--device', '/dev/nosuch', 'busybox', 'true']), 125, /\/dev\/nosuch: it does not exist/)
})

test('a container that stays can be exported', async (t) => {
  const directory = join(temporaryDirectory(t), 'x')
  mkdirSync(directory)
  await gocker(['run', '--name', 'stays', ...sh('echo kept > /kept')])
  const { stdoutBytes } = await gocker(['export', 'stays'])
  assert.ok(stdoutBytes.includes('kept\n'))
  await gocker(['rm', 'stays'])
})
