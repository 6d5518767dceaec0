import assert from 'node:assert/strict'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { type MountInfo, parseMountInfo } from '@gocker/kernel'
import { refused, runFixture, succeeded } from './support/running.ts'

/**
 * A container without any flag, looked at from inside: it must be closed at least as much as docker's. What docker has is written down here as its
 * documentation and its own source say it.
 * @see https://docs.docker.com/engine/security/
 */

const { run, output, root } = runFixture('busybox')

const sh = (script: string) => ['busybox', 'sh', '-c', script]
const NO_NETWORK = ['--network', 'none']

let looked: Promise<Readonly<Record<string, string>>> | undefined

/** All that is looked at in one container: what each part of the script prints, by its name. */
function inside(): Promise<Readonly<Record<string, string>>> {
  looked ??= look()
  return looked
}

const LOOKS: Readonly<Record<string, string>> = {
  status: 'cat /proc/self/status',
  mounts: 'cat /proc/self/mountinfo',
  devices: 'cd /dev; for n in *; do stat -c "%n %F %a %u:%g %t:%T" $n; done',
  descriptors: 'ls -l /proc/1/fd | tail -n +2 | sed "s/.* \\([0-9]*\\) -> /\\1 /"',
  environment: 'tr "\\0" "\\n" < /proc/1/environ',
  cgroup: 'cat /proc/self/cgroup',
  names: 'hostname; cat /proc/sys/kernel/domainname',
  ids: 'id -u; id -g; id -G; umask; cat /proc/self/oom_score_adj',
  namespaces: 'for n in /proc/self/ns/*; do echo $n $(readlink $n); done',
  limits: 'cat /proc/self/limits',
  session: 'cat /proc/1/stat',
  write: `for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sys/vm/overcommit_memory /proc/sysrq-trigger /proc/irq/default_smp_affinity
    /sys/kernel/uevent_helper /sys/kernel/profiling /sys/power/state /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/tasks /sys/fs/cgroup/*/release_agent; do
    [ -e $f ] && (: >> $f) 2>/dev/null && echo $f; done; true`,
  kernel: `for f in /proc/kcore /proc/keys /proc/timer_list /proc/timer_stats /proc/sched_debug /proc/latency_stats /proc/interrupts; do
    [ -e $f ] && [ -n "$(head -c 1 $f 2>/dev/null)" ] && echo $f; done;
    for d in /proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/devices/virtual/powercap /sys/devices/system/cpu/cpu*/thermal_throttle; do
    [ -d $d ] && [ -n "$(ls -A $d)" ] && echo $d; done; true`,
  processes: 'ls -d /proc/[0-9]*',
}

async function look(): Promise<Readonly<Record<string, string>>> {
  const script = Object.entries(LOOKS).map(([name, command]) => `echo "@@${name}"; (${command.replaceAll(/\n\s*/g, ' ')})`)
  const text = await output([...NO_NETWORK, ...sh([...script, 'true'].join('\n'))], { env: { OF_THE_CALLER: 'secret', LD_PRELOAD: '' } })
  return Object.fromEntries(text.split(/^@@/m).map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]))
}

const linesOf = (text = '') => text.split('\n').filter((line) => line !== '')
const statusOf = (text = '') => Object.fromEntries(linesOf(text).map((line) => line.split(/:\s*/, 2) as [string, string]))

test('capabilities: docker has fourteen, and ours are inherited by nobody', async () => {
  const { CapInh, CapPrm, CapEff, CapBnd, CapAmb } = statusOf((await inside()).status)
  const fourteen = '00000000a80425fb'
  assert.deepEqual([CapInh, CapPrm, CapEff, CapBnd, CapAmb], ['0'.repeat(16), fourteen, fourteen, fourteen, '0'.repeat(16)])
})

test('a filter of system calls is there; no new privileges is an option', async () => {
  const { Seccomp, NoNewPrivs, Speculation_Store_Bypass } = statusOf((await inside()).status)
  assert.deepEqual([Seccomp, NoNewPrivs], ['2', '0'])
  // A filter need not switch off what makes processors quick.
  assert.doesNotMatch(Speculation_Store_Bypass ?? '', /force/)
  const { NoNewPrivs: asked } = statusOf(
    await output([...NO_NETWORK, '--security-opt', 'no-new-privileges', 'busybox', 'cat', '/proc/self/status']),
  )
  assert.equal(asked, '1')
})

/** Options that docker's mounts have; ours may have more. */
const MOUNTS: Readonly<Record<string, readonly [type: string, ...options: readonly string[]]>> = {
  '/': ['overlay', 'rw'],
  '/proc': ['proc', 'nosuid', 'nodev', 'noexec'],
  '/dev': ['tmpfs', 'nosuid'],
  '/dev/pts': ['devpts', 'nosuid', 'noexec'],
  '/dev/mqueue': ['mqueue', 'nosuid', 'nodev', 'noexec'],
  '/dev/shm': ['tmpfs', 'nosuid', 'nodev', 'noexec'],
  '/sys': ['sysfs', 'ro', 'nosuid', 'nodev', 'noexec'],
  '/sys/fs/cgroup': ['', 'ro', 'nosuid', 'nodev', 'noexec'],
  '/proc/bus': ['proc', 'ro'],
  '/proc/fs': ['proc', 'ro'],
  '/proc/irq': ['proc', 'ro'],
  '/proc/sys': ['proc', 'ro'],
  '/proc/sysrq-trigger': ['proc', 'ro'],
}

test("mounts have docker's options, and there is none that docker has not", async () => {
  const mounts = parseMountInfo((await inside()).mounts ?? '')
  const at = new Map(mounts.map((mount) => [mount.mountPoint, mount]))
  for (const [point, [type, ...options]] of Object.entries(MOUNTS)) {
    if (!existsSync(point)) continue
    const found = at.get(point) ?? assert.fail(`${point} is no mount`)
    if (type !== '') assert.equal(found.type, type, point)
    for (const option of options) assert.ok(found.options.includes(option), `${point} is ${found.options}, not ${option}`)
  }
  const others = [...at.keys()].filter((point) => !(point in MOUNTS))
  assert.deepEqual(
    others.filter((point) => !/^\/(proc|sys)\/|^\/etc\/(hosts|hostname|resolv\.conf)$/.test(point)),
    [],
  )
  assert.ok(mounts.every(isPrivate))
})

/** Nothing that is mounted outside comes in, nor the other way round. */
function isPrivate(mount: MountInfo): boolean {
  return !/shared:|master:/.test(JSON.stringify(mount))
}

test("what the mounts tell of the host's paths is what an overlay's options tell, as with docker", async () => {
  const mounts = parseMountInfo((await inside()).mounts ?? '')
  const ours = linesOf((await inside()).mounts).filter((line) => line.includes(root))
  const points = ours.map((line) => line.split(' ')[4])
  const expected = ['/', '/etc/hostname', '/etc/hosts', '/etc/resolv.conf']
  assert.deepEqual(
    points.filter((point) => !expected.includes(point ?? '')),
    [],
  )
  assert.ok(mounts.length > 10)
})

test('what tells of the host is hidden, and its settings are not to be written', async () => {
  const { write, kernel } = await inside()
  assert.deepEqual([write, kernel], ['', ''])
})

test('/dev has the harmless devices alone', async () => {
  const devices = linesOf((await inside()).devices)
  const kind = 'character special file 666 0:0'
  const nodes = { null: '1:3', zero: '1:5', full: '1:7', random: '1:8', urandom: '1:9', tty: '5:0' }
  const expected = Object.entries(nodes).map(([name, number]) => `${name} ${kind} ${number}`)
  assert.deepEqual(devices.filter((line) => line.includes('special file')).sort(), expected.sort())
  const others = devices.filter((line) => !line.includes('special file')).map((line) => line.split(' ')[0])
  assert.deepEqual(others.sort(), ['core', 'fd', 'mqueue', 'ptmx', 'pts', 'shm', 'stderr', 'stdin', 'stdout'])
})

test('no other device can be used, whatever node is made for it', async () => {
  const script = `for d in "b 8 0" "b 253 0" "c 10 237" "c 1 1" "c 1 2" "c 1 4" "c 1 11" "c 10 200" "c 10 229"; do
    mknod /tmp/d $d && (: < /tmp/d) 2>/dev/null && echo "$d"; rm -f /tmp/d; done; true`
  assert.equal(await output([...NO_NETWORK, ...sh(script)]), '')
})

test('descriptors: stdin, stdout and stderr, and nothing of the host', async () => {
  const open = linesOf((await inside()).descriptors).map((line) => line.split(' '))
  assert.deepEqual(
    open.map(([fd]) => fd),
    ['0', '1', '2'],
  )
  for (const [, target] of open) assert.match(target ?? '', /^(\/dev\/null|pipe:\[\d+\])$/)
})

test('variables: those of docker, and none of whoever calls', async () => {
  const names = linesOf((await inside()).environment).map((line) => line.split('=')[0])
  assert.deepEqual(names.sort(), ['HOME', 'HOSTNAME', 'PATH'])
})

test('it sees its cgroup as the root of all, a name of its own, and its own processes', async () => {
  const { cgroup, names, processes } = await inside()
  for (const line of linesOf(cgroup)) assert.match(line, /:\/$/)
  const [name = '', domain] = linesOf(names)
  assert.match(name, /^[0-9a-f]{12}$/)
  assert.notEqual(name, hostname())
  assert.ok(domain === undefined || domain === '(none)')
  assert.ok(linesOf(processes).length <= 4, processes)
})

test('every namespace that docker makes is its own', async () => {
  const namespaces = linesOf((await inside()).namespaces).map((line) => line.split(' ') as [string, string])
  const own = namespaces
    .filter(([path, name]) => existsSync(path) && readlinkSync(path) !== name)
    .map(([path]) => path.replace('/proc/self/ns/', ''))
  for (const name of ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'uts']) assert.ok(own.includes(name), `${name} is the host's`)
})

test('ids, groups, mask, oom score', async () => {
  const [uid, gid, groups, mask, score] = linesOf((await inside()).ids)
  assert.deepEqual([uid, gid, groups?.split(' ')[0], mask], ['0', '0', '0', '0022'])
  assert.ok(Number(score) >= Number(readFileSync('/proc/self/oom_score_adj', 'utf8')))
  const user = await output([
    ...NO_NETWORK,
    '-u',
    '1000:1000',
    ...sh('id -u; id -g; id -G; grep -E "^(Groups|CapEff|CapPrm)" /proc/self/status'),
  ])
  assert.deepEqual(linesOf(user), ['1000', '1000', '1000', 'Groups:\t1000 ', 'CapPrm:\t0000000000000000', 'CapEff:\t0000000000000000'])
})

test('it is the leader of a session of its own, whose signals are as they begin', async () => {
  const { session, status } = await inside()
  const [, , group, leader, terminal] = (session ?? '').replace(/^.*\) /, '').split(' ')
  assert.deepEqual([group, leader, terminal], ['1', '1', '0'])
  const { SigBlk, SigIgn } = statusOf(status)
  assert.deepEqual([SigBlk, SigIgn], ['0'.repeat(16), '0'.repeat(16)])
})

test("a user's container cannot be traced or read by another user's", async () => {
  const script = 'sleep 100 & sleep 0; ls -l /proc/1/fd >/dev/null 2>&1 && echo own; cat /proc/$!/environ >/dev/null && echo readable'
  assert.equal(await output([...NO_NETWORK, '-u', '1000', ...sh(`${script}; kill $!`)]), 'own\nreadable\n')
})

test('a label that nobody here can apply is an error', async () => {
  refused(await run([...NO_NETWORK, '--security-opt', 'apparmor=gocker-nosuch', 'busybox', 'true']), 125, /no AppArmor|no such profile/)
  refused(await run([...NO_NETWORK, '--security-opt', 'label=type:nosuch_t', 'busybox', 'true']), 125, /no labels of SELinux/)
  succeeded(await run([...NO_NETWORK, '--security-opt', 'apparmor=unconfined', '--security-opt', 'label=disable', 'busybox', 'true']))
})
