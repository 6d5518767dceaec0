import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseMountInfo } from '@gocker/kernel'
import { parseDevice } from '../options/device.ts'
import { parseUlimit } from '../options/ulimit.ts'
import { parseVolume } from '../options/volume.ts'
import { sandbox, shell } from '../testing/sandbox.ts'

test("the mounts are docker's, and none is the host's", async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(['cat', '/proc/self/mountinfo'])
  const mounts = new Map(parseMountInfo(stdout).map((mount) => [mount.mountPoint, mount]))
  const kinds = ['/', '/proc', '/dev', '/dev/pts', '/sys', '/sys/fs/cgroup', '/dev/mqueue', '/dev/shm', '/proc/sys'].map((point) => [
    point,
    mounts.get(point)?.type,
    mounts.get(point)?.options.includes('ro'),
  ])
  assert.deepEqual(kinds, [
    ['/', 'overlay', false],
    ['/proc', 'proc', false],
    ['/dev', 'tmpfs', false],
    ['/dev/pts', 'devpts', false],
    ['/sys', 'sysfs', true],
    ['/sys/fs/cgroup', 'tmpfs', true],
    ['/dev/mqueue', 'mqueue', false],
    ['/dev/shm', 'tmpfs', false],
    ['/proc/sys', 'proc', true],
  ])
  for (const point of mounts.keys()) assert.match(point, /^\/($|proc|dev|sys|etc\/(hosts|hostname|resolv\.conf)$)/)
})

test('settings of the kernel cannot be written, and what tells of the host cannot be read', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(
    shell(`for f in /proc/sys/kernel/panic /proc/irq/default_smp_affinity; do (echo 1 > $f) 2>/dev/null && echo "wrote $f"; done
      for f in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts; do [ -e $f ] && [ -n "$(head -c 1 $f)" ] && echo "read $f"; done
      ls /sys/firmware /proc/acpi /proc/scsi 2>/dev/null | grep -v : | tr -d '\\n'; mkdir /sys/fs/cgroup/pids/x 2>/dev/null && echo made; echo end`),
  )
  assert.equal(stdout, 'end\n')
})

test('no descriptor of the host is open', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(
    shell('ls -l /proc/self/fd | tail -n +2 | while read -r a b c d e f g h name arrow to; do echo "$name $to"; done'),
  )
  const [stdin, out, err, listing, ...rest] = stdout.trim().split('\n')
  assert.equal(stdin, '0 /dev/null')
  assert.match(out ?? '', /^1 pipe:/)
  assert.match(err ?? '', /^2 pipe:/)
  // ls itself.
  assert.match(listing ?? '', /^3/)
  assert.deepEqual(rest, [])
})

test("the environment has nothing of the host's", async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(['env'], { hostname: 'box', env: ['A=1'] })
  assert.deepEqual(stdout.trim().split('\n').sort(), [
    'A=1',
    'HOME=/root',
    'HOSTNAME=box',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ])
})

const STATUS = ['grep', '-E', '^(Cap|Seccomp:|NoNewPrivs)', '/proc/self/status']
const statusOf = (text: string) =>
  Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(':\t') as [string, string]),
  )

test("capabilities are docker's fourteen, and calls are filtered", async (t) => {
  const { run } = await sandbox(t)
  const set = '00000000a80425fb'
  const none = '0000000000000000'
  const common = { CapInh: none, CapBnd: set, CapAmb: none, Seccomp: '2', NoNewPrivs: '0' }
  assert.deepEqual(statusOf((await run(STATUS)).stdout), { ...common, CapPrm: set, CapEff: set })
  assert.deepEqual(statusOf((await run(STATUS, { user: 'alice' })).stdout), { ...common, CapPrm: none, CapEff: none })
  const fewer = statusOf((await run(STATUS, { capDrop: ['ALL'], capAdd: ['NET_ADMIN'], securityOpt: ['no-new-privileges'] })).stdout)
  assert.deepEqual([fewer.CapEff, fewer.CapBnd, fewer.Seccomp, fewer.NoNewPrivs], ['0000000000001000', '0000000000001000', '2', '1'])
})

test('a filter keeps root from what the host could be hurt by', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(shell('unshare -m true 2>&1; mount -t tmpfs x /tmp 2>&1; sethostname x 2>/dev/null; hostname x 2>&1'))
  assert.match(stdout, /unshare.*not permitted/)
  assert.match(stdout, /mount:.*(denied|not permitted)/)
  assert.match(stdout, /hostname:.*not permitted/)
})

test('/dev has the harmless devices', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(
    shell(
      'ls /dev; stat -c "%a %t:%T %n" /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty; echo x > /dev/null; head -c 2 /dev/zero | wc -c',
    ),
  )
  assert.deepEqual(stdout.trim().split('\n'), [
    ...['core', 'fd', 'full', 'mqueue', 'null', 'ptmx', 'pts', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'tty', 'urandom', 'zero'],
    '666 1:3 /dev/null',
    '666 1:5 /dev/zero',
    '666 1:7 /dev/full',
    '666 1:8 /dev/random',
    '666 1:9 /dev/urandom',
    '666 5:0 /dev/tty',
    '2',
  ])
})

test('a device can be used only when it was given', async (t) => {
  const { run } = await sandbox(t)
  const script = shell(
    'mknod /tmp/loop c 10 237; dd if=/tmp/loop of=/dev/null count=0 2>&1 | grep -c "not permitted"; ls -l /dev/mine 2>/dev/null | cut -c1',
  )
  assert.equal((await run(script)).stdout, '1\n')
  assert.equal((await run(script, { devices: [parseDevice('/dev/loop-control:/dev/mine:r')] })).stdout, '0\nc\n')
})

test('the network is loopback alone, and it is up', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(shell('ls /sys/class/net; ping -c 1 -W 1 127.0.0.1 > /dev/null && echo up'))
  assert.equal(stdout, 'lo\nup\n')
  const host = await run(['readlink', '/proc/self/ns/net'], { network: 'host' })
  const { readlinkSync } = await import('node:fs')
  assert.equal(host.stdout.trim(), readlinkSync('/proc/self/ns/net'))
})

test('limits of the process and settings of the namespaces are what was asked for', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(
    shell('ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward; umask'),
    {
      ulimits: [parseUlimit('nofile=100:200')],
      oomScoreAdj: 321,
      sysctls: { 'kernel.msgmax': '12345', 'net.ipv4.ip_forward': '1' },
    },
  )
  assert.equal(stdout, '100\n200\n321\n12345\n1\n0022\n')
})

test('a read-only root cannot be written, and mounts can', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(
    shell('touch /file 2>&1; touch /etc/hosts 2>&1; touch /dev/shm/file && echo shm; mount | grep -c " / .*(ro"'),
    { readOnly: true },
  )
  assert.match(stdout, /^touch: \/file: Read-only.*\ntouch: \/etc\/hosts: Read-only.*\nshm\n1\n$/)
})

test('the working directory is made, and belongs inside', async (t) => {
  const { run } = await sandbox(t)
  assert.equal((await run(['pwd'], { workdir: '/made/for/it' })).stdout, '/made/for/it\n')
  assert.equal((await run(shell('pwd; id -u'), { workdir: '/root', user: 'alice' })).stdout, '/root\n1000\n')
  await assert.rejects(run(['pwd'], { workdir: '/etc/passwd' }), { code: 'LAUNCH_FAILED', message: /go to \/etc\/passwd: ENOTDIR/ })
})

test('no descriptor leads to the host (CVE-2024-21626)', async (t) => {
  const { run } = await sandbox(t)
  for (const fd of [3, 4, 5, 6, 7, 8, 9, 10, 11]) {
    await assert.rejects(run(['pwd'], { workdir: `/proc/self/fd/${fd}` }), { code: 'LAUNCH_FAILED', message: /ENOENT|ENOTDIR|EACCES/ })
    await assert.rejects(run([`/proc/self/fd/${fd}/bin/true`]), { name: 'RunError' })
  }
})

test('where a volume goes is looked up inside (CVE-2021-30465)', async (t) => {
  const { run, layer, dir } = await sandbox(t)
  const outside = join(dir, 'outside')
  const source = join(dir, 'source')
  for (const path of [outside, source]) mkdirSync(path)
  writeFileSync(join(source, 'file'), 'from the volume')
  symlinkSync(outside, join(layer, 'absolute'))
  symlinkSync('../../../../../../../../tmp', join(layer, 'relative'))
  const inside = await run(shell('cat /tmp/sub/file'), { mounts: [parseVolume(`${source}:/relative/sub`)] })
  assert.equal(inside.stdout, 'from the volume')
  await assert.rejects(run(['true'], { mounts: [parseVolume(`${source}:/absolute/sub`)] }), { code: 'LAUNCH_FAILED' })
  const { readdirSync } = await import('node:fs')
  assert.deepEqual(readdirSync(outside), [])
})

test('an image cannot move /proc away (CVE-2019-19921)', async (t) => {
  const { run, layer } = await sandbox(t)
  const { renameSync } = await import('node:fs')
  renameSync(join(layer, 'proc'), join(layer, 'elsewhere'))
  symlinkSync('elsewhere', join(layer, 'proc'))
  await assert.rejects(run(['true']), { code: 'LAUNCH_FAILED', message: /see that \/proc is no symlink: ELOOP/ })
})

test('a null device of the image hides nothing but what it should (CVE-2025-31133)', async (t) => {
  const { run, dir } = await sandbox(t)
  const dev = join(dir, 'dev')
  mkdirSync(dev)
  symlinkSync('/proc/sys/kernel/core_pattern', join(dev, 'null'))
  writeFileSync(join(dev, 'zero'), '')
  const { stdout } = await run(
    shell('stat -c "%t:%T" /proc/timer_list; [ -L /dev/null ] && echo theirs'),
    { mounts: [parseVolume(`${dev}:/dev`)], stdin: true },
    { stdio: { stdin: 'pipe' } },
  )
  assert.equal(stdout, '1:3\ntheirs\n')
})

test('what runs a container is not to be had in it (CVE-2019-5736)', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(
    shell('readlink /proc/1/exe; (echo x > /proc/1/exe) 2>&1; cat /proc/1/environ | wc -c; ls -l /proc/1/fd | wc -l'),
    // Without this capability not even the link is to be read.
    { init: true, capAdd: ['SYS_PTRACE'] },
  )
  const [exe, write, environment, descriptors] = stdout.trim().split('\n')
  assert.match(exe ?? '', /memfd/)
  assert.match(write ?? '', /Text file busy|Permission denied|not permitted/)
  assert.deepEqual([environment, Number(descriptors)], ['0', 1])
})

test('a privileged container has every right', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(
    shell(
      'mount -t tmpfs x /tmp && echo mounted; grep Seccomp: /proc/self/status; ls /dev/loop-control; mkdir /sys/fs/cgroup/pids/x && rmdir /sys/fs/cgroup/pids/x && echo writable',
    ),
    { privileged: true },
  )
  const bounding = /CapBnd:\t(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  assert.equal(stdout, 'mounted\nSeccomp:\t0\n/dev/loop-control\nwritable\n')
  assert.match((await run(STATUS, { privileged: true })).stdout, new RegExp(`CapEff:\t${bounding}`))
})
