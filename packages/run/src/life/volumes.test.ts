import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { getXattr } from '@gocker/kernel'
import { parseMountOption } from '../options/mount.ts'
import { parseTmpfs } from '../options/tmpfs.ts'
import { parseVolume } from '../options/volume.ts'
import { sandbox, shell } from '../testing/sandbox.ts'

test('a directory of the host is the same inside', async (t) => {
  const { run, dir } = await sandbox(t)
  const source = join(dir, 'source')
  mkdirSync(source)
  writeFileSync(join(source, 'in'), 'to')
  const { stdout } = await run(shell('cat /v/in; echo fro > /v/out'), { mounts: [parseVolume(`${source}:/v`)] })
  assert.deepEqual([stdout, readFileSync(join(source, 'out'), 'utf8')], ['to', 'fro\n'])
})

test('a read-only one cannot be written', async (t) => {
  const { run, dir } = await sandbox(t)
  const { stdout } = await run(shell('touch /v/x 2>&1; mount -o remount,bind,rw /v 2>/dev/null || echo kept'), {
    mounts: [parseVolume(`${dir}:/v:ro`)],
  })
  assert.match(stdout, /Read-only file system\nkept\n/)
})

test('a file can be bound on a file, and on none', async (t) => {
  const { run, dir } = await sandbox(t)
  const source = join(dir, 'file')
  writeFileSync(source, 'mine\n')
  const mounts = ['/etc/os-release', '/deep/er/file'].map((place) => parseVolume(`${source}:${place}`))
  assert.equal((await run(['cat', '/etc/os-release', '/deep/er/file'], { mounts })).stdout, 'mine\nmine\n')
})

test('-v makes what is missing, --mount refuses', async (t) => {
  const { run, dir, create, store } = await sandbox(t)
  const missing = join(dir, 'missing', 'too')
  const mounts = [parseMountOption(`type=bind,source=${missing},target=/v`)]
  await assert.rejects(create({ command: ['true'], mounts }), { code: 'NO_SUCH_SOURCE', message: /does not exist/ })
  assert.deepEqual([existsSync(missing), readdirSync(store.paths.containers)], [false, []])
  await run(['true'], { mounts: [parseVolume(`${missing}:/v`)] })
  assert.equal(statSync(missing).isDirectory(), true)
})

test('mounts spread as they were asked to', async (t) => {
  const { run, dir } = await sandbox(t)
  const { stdout } = await run(shell('grep -E " /(a|b) " /proc/self/mountinfo | cut -d" " -f5,7'), {
    mounts: [parseVolume(`${dir}:/a`), parseMountOption(`type=bind,source=${dir},target=/b,bind-propagation=rshared`)],
  })
  assert.match(stdout, /^\/a -\n\/b shared:\d+\n$/)
})

test('a named volume stays, and is filled once', async (t) => {
  const { run, store } = await sandbox(t)
  const mounts = [parseVolume('data:/home')]
  assert.equal(
    (await run(shell('stat -c "%u %a %n" /home/alice; echo x > /home/mine; rmdir /home/alice'), { mounts })).stdout,
    '1000 700 /home/alice\n',
  )
  assert.equal((await run(['ls', '/home'], { mounts })).stdout, 'mine\n')
  assert.deepEqual(readdirSync(store.paths.volume('data')), ['mine'])
})

test('a volume is filled with everything that a file has', async (t) => {
  const { run, layer, store } = await sandbox(t)
  const { linkSync, symlinkSync, lchownSync, utimesSync } = await import('node:fs')
  const { setXattr } = await import('@gocker/kernel')
  const from = join(layer, 'data')
  mkdirSync(join(from, 'sub'), { recursive: true, mode: 0o750 })
  writeFileSync(join(from, 'a'), 'content', { mode: 0o640 })
  linkSync(join(from, 'a'), join(from, 'sub', 'b'))
  symlinkSync('/etc/passwd', join(from, 'link'))
  lchownSync(join(from, 'link'), 1000, 1000)
  setXattr(join(from, 'a'), 'user.note', Buffer.from('kept'))
  utimesSync(join(from, 'a'), 1, 1_000_000_000)
  const { stdout } = await run(shell('cd /data; stat -c "%a %u %h %Y %n" a sub/b; readlink link; stat -c "%u" link; stat -c %a sub'), {
    mounts: [parseVolume('full:/data')],
  })
  assert.equal(stdout, '640 0 2 1000000000 a\n640 0 2 1000000000 sub/b\n/etc/passwd\n1000\n750\n')
  assert.equal(getXattr(join(store.paths.volume('full'), 'a'), 'user.note')?.toString(), 'kept')
})

test("an anonymous volume goes with its container, an image's too", async (t) => {
  const { run, layer, store } = await sandbox(t)
  const rootfs = { lowers: [layer], config: { Volumes: { '/data': {} } } }
  const { stdout } = await run(shell('grep -c -E " /(data|other) " /proc/self/mountinfo; touch /data/x /other/x && echo ok'), {
    rootfs,
    mounts: [parseVolume('/other')],
  })
  assert.deepEqual([stdout, readdirSync(store.paths.containers)], ['2\nok\n', []])
})

test('a tmpfs has the size and mode that were asked for', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(
    shell('stat -c %a /t; df -k /t | tail -1 | tr -s " " | cut -d" " -f2; stat -c %a /m; grep " /t " /proc/mounts | grep -c noexec'),
    {
      mounts: [parseTmpfs('/t:size=1m,mode=1750'), parseMountOption('type=tmpfs,target=/m,tmpfs-mode=700')],
    },
  )
  assert.equal(stdout, '1750\n1024\n700\n1\n')
})

test('nothing is mounted twice in a place', async (t) => {
  const { create } = await sandbox(t)
  const mounts = [parseTmpfs('/t'), parseVolume('/t')]
  await assert.rejects(create({ command: ['true'], mounts }), { code: 'INVALID_OPTION', message: /mounted there already/ })
})

test('/etc/hosts and /etc/resolv.conf say what was asked for', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(['cat', '/etc/hosts', '/etc/resolv.conf'], {
    addHosts: [{ name: 'db', address: '10.9.8.7' }],
    dns: ['192.0.2.53'],
    dnsSearch: ['x.example'],
  })
  assert.match(stdout, /10\.9\.8\.7\tdb\nnameserver 192\.0\.2\.53\nsearch x\.example\n/)
})
