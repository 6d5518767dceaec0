import assert from 'node:assert/strict'
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { schemaFor } from '@gocker/testkit'
import { refused, runFixture } from './support/running.ts'

const { gocker, run, output, root } = runFixture('busybox')

const sh = (script: string) => ['busybox', 'sh', '-c', script]
const lines = (text: string) => text.trim().split('\n')

test("every namespace is its own, but the user's", async () => {
  const names = ['mnt', 'uts', 'ipc', 'pid', 'net', 'cgroup', 'user']
  const inside = lines(await output(sh(`for name in ${names.join(' ')}; do readlink /proc/self/ns/$name; done`)))
  const outside = names.map((name) => readlinkSync(`/proc/self/ns/${name}`))
  assert.deepEqual(
    names.filter((_, index) => inside[index] === outside[index]),
    ['user'],
  )
})

test('it has a host name, processes and network devices of its own', async () => {
  const [name = '', ...rest] = lines(
    await output(['--network', 'none', ...sh('hostname; echo $$; ls /proc | grep -c "^[0-9]"; ls /sys/class/net; ip -o addr show lo')]),
  )
  assert.match(name, /^[0-9a-f]{12}$/)
  assert.notEqual(name, hostname())
  assert.deepEqual(rest.slice(0, 1), ['1'])
  assert.ok(Number(rest[1]) <= 4, `${rest[1]} processes`)
  assert.equal(rest[2], 'lo')
  assert.match(rest[3] ?? '', /inet 127\.0\.0\.1\/8/)
})

test("the network can be the host's", async () => {
  const [name, namespace] = lines(await output(['--network', 'host', ...sh('hostname; readlink /proc/self/ns/net')]))
  assert.deepEqual([name, namespace], [hostname(), readlinkSync('/proc/self/ns/net')])
})

const CAPABILITIES: [flags: string[], effective: string][] = [
  [[], '00000000a80425fb'],
  [['--cap-drop', 'ALL'], '0000000000000000'],
  [['--cap-drop', 'all', '--cap-add', 'NET_ADMIN'], '0000000000001000'],
  [['--cap-add', 'CAP_SYS_PTRACE', '--cap-drop', 'chown'], '00000000a80c25fa'],
]

for (const [flags, expected] of CAPABILITIES)
  test(`capabilities of root with ${flags.join(' ') || 'no flag'}`, async () => {
    const none = '0000000000000000'
    const text = await output([...flags, 'busybox', 'grep', '^Cap', '/proc/self/status'])
    assert.equal(text, `CapInh:\t${none}\nCapPrm:\t${expected}\nCapEff:\t${expected}\nCapBnd:\t${expected}\nCapAmb:\t${none}\n`)
  })

test('an ordinary user has no capability', async () => {
  assert.match(await output(['-u', 'alice', 'busybox', 'grep', '^CapEff', '/proc/self/status']), /0000000000000000/)
  refused(await run(['--cap-add', 'nosuch', 'busybox', 'true']), 125, /capability "nosuch"/)
})

test('a filter of system calls is there unless it is given up', async () => {
  const status = ['busybox', 'grep', '-E', '^(Seccomp|NoNewPrivs):', '/proc/self/status']
  assert.equal(await output(status), 'NoNewPrivs:\t0\nSeccomp:\t2\n')
  assert.equal(await output(['--security-opt', 'seccomp=unconfined', ...status]), 'NoNewPrivs:\t0\nSeccomp:\t0\n')
  assert.equal(await output(['--security-opt', 'no-new-privileges', ...status]), 'NoNewPrivs:\t1\nSeccomp:\t2\n')
  refused(await run(['--security-opt', 'nosuch', 'busybox', 'true']), 125, /security option "nosuch"/)
})

test('what needs rights on the machine is refused', async () => {
  const attempts = ['mount -t tmpfs none /mnt', 'mount -t tmpfs none /tmp', 'hostname other', 'unshare -m true', 'swapoff -a /swap']
  for (const attempt of attempts) assert.notEqual((await run(sh(attempt))).code, 0, attempt)
})

test('masked files are empty, and read-only ones stay as they are', async () => {
  const script = `
    for file in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts; do [ -e $file ] && head -c 1 $file; done
    ls -A /sys/firmware /proc/acpi /proc/scsi 2>/dev/null | grep -v :
    for file in /proc/sys/kernel/hostname /proc/sysrq-trigger /sys/kernel/profiling; do (echo x > $file) 2>/dev/null && echo wrote $file; done
    mkdir /sys/fs/cgroup/mine /sys/fs/cgroup/*/mine 2>/dev/null && echo made a group
    umount /proc/kcore 2>/dev/null && echo unmasked; true`
  assert.equal((await output(sh(script))).trim(), '')
})

test('/dev has the usual nodes and no other', async () => {
  const names = lines(await output(['busybox', 'ls', '/dev']))
  const expected = [
    'core',
    'fd',
    'full',
    'mqueue',
    'null',
    'ptmx',
    'pts',
    'random',
    'shm',
    'stderr',
    'stdin',
    'stdout',
    'tty',
    'urandom',
    'zero',
  ]
  assert.deepEqual(names, expected)
  assert.equal(await output(sh('echo a > /dev/stdout; echo b > /dev/null; head -c 2 /dev/zero | wc -c')), 'a\n2\n')
})

test('no descriptor of the host is open', async () => {
  // 3 is the directory that ls reads.
  assert.equal(await output(['busybox', 'ls', '/proc/self/fd']), '0\n1\n2\n3\n')
  assert.doesNotMatch(await output(sh('ls -l /proc/1/fd')), /socket|memfd|anon_inode/)
})

test('no directory of the host can be reached by a descriptor', async () => {
  for (const number of [3, 4, 5, 6, 7, 8, 9, 10])
    assert.notEqual(
      (await run(['-w', `/proc/self/fd/${number}`, ...sh('ls -d ../../../../etc/hostname')])).stdout,
      '../../../../etc/hostname\n',
    )
})

test("the command is the container's own, and node is nowhere", async () => {
  const node = statSync(process.execPath)
  const [exe, inode] = lines(await output(sh('readlink /proc/1/exe; stat -L -c %i /proc/1/exe')))
  assert.equal(exe, '/bin/sh')
  assert.notEqual(inode, `${node.ino}`)
  assert.equal(await output(['--init', ...sh('grep -l node /proc/[0-9]*/maps || echo none')]), 'none\n')
})

test("nothing of the caller's environment is in any process", async () => {
  const text = await output(['--init', ...sh('cat /proc/1/environ /proc/self/environ | tr "\\0" "\\n"')], {
    env: { OF_THE_CALLER: 'secret' },
  })
  assert.doesNotMatch(text, /secret|GOCKER|NODE/)
})

test('the keys of root are out of reach', async () => {
  assert.equal(await output(sh('cat /proc/keys | wc -c')), '0\n')
})

test("settings of the kernel are set where they are the container's own", async () => {
  assert.equal(
    await output([
      '--sysctl',
      'net.ipv4.ip_forward=1',
      '--sysctl',
      'kernel.msgmax=4096',
      ...sh('cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax'),
    ]),
    '1\n4096\n',
  )
  refused(await run(['--sysctl', 'vm.swappiness=1', 'busybox', 'true']), 125, /vm\.swappiness: .*whole machine/)
  refused(await run(['--network', 'host', '--sysctl', 'net.ipv4.ip_forward=1', 'busybox', 'true']), 125, /the network is the host's/)
})

test('--privileged takes the fences away', async () => {
  const text = await output([
    '--privileged',
    ...sh(
      'mount -t tmpfs none /mnt 2>/dev/null || mkdir /m && mount -t tmpfs none /m && echo mounted; grep ^Seccomp: /proc/self/status; ls /dev | wc -l',
    ),
  ])
  const [mounted, filter, devices] = lines(text)
  assert.deepEqual([mounted, filter], ['mounted', 'Seccomp:\t0'])
  assert.ok(Number(devices) > 20, `${devices} devices`)
})

const FLAGS = `--memory 64m --cpus 0.5 --pids-limit 50 --read-only --tmpfs /run --ulimit core=0:-1 --cap-add SYS_TIME --init
  --sysctl net.ipv4.ip_forward=0 --add-host a:192.0.2.1 -v /data -v /tmp:/host:ro,rslave --blkio-weight 300 -t --oom-score-adj 500`

test('config.json is valid', async () => {
  const check = schemaFor('runtime-config')
  for (const [name, flags] of [
    ['plain', []],
    ['full', FLAGS.split(/\s+/)],
    ['privileged', ['--privileged', '--network', 'host']],
  ] as const) {
    const file = join(root, `${name}-id`)
    assert.equal((await gocker(['run', '--name', name, '--cidfile', file, ...flags, 'busybox', 'true'])).code, 0)
    const spec = JSON.parse(readFileSync(join(root, 'store/containers', readFileSync(file, 'utf8'), 'config.json'), 'utf8'))
    assert.deepEqual([name, check(spec)], [name, []])
    const state = JSON.parse(readFileSync(join(root, 'run', readFileSync(file, 'utf8'), 'state.json'), 'utf8'))
    assert.deepEqual([name, schemaFor('runtime-state')(state), state.status], [name, [], 'stopped'])
    await gocker(['rm', name])
  }
})
