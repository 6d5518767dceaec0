import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { openTerminal, startCommand } from '@gocker/testkit'
import { removeCgroup, runtimeFixture, type Spec } from './support/bundles.ts'

const { root, executable, runtime, bundle } = runtimeFixture()
const call = [executable, '--root', join(root, 'state')]
/** Memory, whose owners can be mapped on every machine. */
const memory = mkdtempSync('/dev/shm/gocker-')
const slice = `${basename(root).replaceAll('-', '')}.slice`

after(() => {
  removeCgroup(`/${slice}`)
  rmSync(memory, { recursive: true })
})

test('as the specification asks: personality, spreading of mounts, and owners that are mapped', async () => {
  const directory = await bundle(
    [
      'uname -m',
      'stat -c "%u %g" /mapped/file /plain/file',
      `awk '$5 == "/" || $5 == "/shared" || $5 == "/private" {print $5, $7}' /proc/self/mountinfo`,
      'cat /proc/self/timens_offsets',
    ].join('; '),
    (spec) => {
      mkdirSync(join(memory, 'source'))
      writeFileSync(join(memory, 'source/file'), '')
      const bind = { type: 'bind', source: join(memory, 'source') }
      const mappings = [{ containerID: 0, hostID: 1000, size: 10 }]
      spec.mounts.push(
        { ...bind, destination: '/mapped', options: ['bind', 'idmap'], uidMappings: mappings, gidMappings: mappings },
        { ...bind, destination: '/plain', options: ['bind'] },
        { ...bind, destination: '/shared', options: ['bind', 'rshared'] },
        { ...bind, destination: '/private', options: ['bind', 'rprivate'] },
      )
      spec.linux.personality = { domain: 'LINUX32' }
      spec.linux.rootfsPropagation = 'shared'
      spec.linux.namespaces.push({ type: 'time' })
      spec.linux.timeOffsets = { monotonic: { secs: 1_000, nanosecs: 5 } }
    },
  )
  const ran = await runtime(['run', '--bundle', directory, 'asked'])
  assert.equal(ran.code, 0, ran.stderr())
  const [machine, ...lines] = ran.stdout().trim().split('\n')
  assert.match(machine ?? '', /^(i686|armv8l)$/)
  assert.deepEqual(lines.slice(0, 2), ['1000 1000', '0 0'])
  const spread = Object.fromEntries(lines.slice(2, 5).map((line) => line.split(' ')))
  assert.match(spread['/'], /^shared:/)
  assert.match(spread['/shared'], /^shared:/)
  assert.equal(spread['/private'], '-')
  assert.match(lines[5] ?? '', /^monotonic +1000 +5$/)
})

test('as the specification asks: rules of devices with wildcards, and files of version 2 of cgroups', async () => {
  const directory = await bundle(
    'for name in tun tty; do (: < /dev/my/$name) 2>&1 | grep -c "not permitted"; done; cat /sys/fs/cgroup/unified/$0 /sys/fs/cgroup/$0 2>/dev/null'.replaceAll(
      '$0',
      'cgroup.max.descendants',
    ),
    (spec) => {
      spec.linux.devices = [
        { type: 'c', path: '/dev/my/tun', major: 10, minor: 200 },
        { type: 'c', path: '/dev/my/tty', major: 4, minor: 1 },
      ]
      spec.linux.resources = {
        devices: [
          { allow: false, access: 'rwm' },
          { allow: true, type: 'c', access: 'm' },
          { allow: true, type: 'c', major: 10, access: 'rw' },
        ],
        unified: { 'cgroup.max.descendants': '7' },
      }
    },
  )
  const ran = await runtime(['run', '--bundle', directory, 'asked'])
  assert.equal(ran.stdout(), '0\n1\n7\n', ran.stderr())
})

test('a limit that nothing here holds is refused by its name', async () => {
  const directory = await bundle('true', (spec) => {
    spec.linux.resources = { unified: { 'memory.nosuch': '1' } }
  })
  const ran = await runtime(['run', '--bundle', directory, 'refused'])
  assert.equal(ran.code, 1)
  assert.match(ran.stderr(), /memory\.nosuch/)
})

for (const [kind, why] of [
  ['createRuntime', 'killed by SIGKILL'],
  ['createContainer', 'it took too long'],
] as const)
  test(`a ${kind} hook that takes longer than it may ends it all`, async () => {
    const directory = await bundle('echo begun', (spec) => {
      spec.hooks = { [kind]: [{ path: '/bin/sh', args: ['sh', '-c', 'sleep 1000'], env: ['PATH=/bin:/usr/bin'], timeout: 1 }] }
    })
    const ran = await runtime(['run', '--bundle', directory, 'late'])
    assert.deepEqual([ran.code, ran.stdout()], [1, ''])
    assert.match(ran.stderr(), new RegExp(`running ${kind} hook /bin/sh: ${why}`))
  })

test('the command gets as many descriptors of the caller as were asked for, and no more', async () => {
  const file = join(root, 'given')
  writeFileSync(file, 'given\n')
  const directory = await bundle('cat <&3; ls /proc/self/fd | wc -l')
  const words = [...call, 'run', '--preserve-fds', '1', '--bundle', directory, 'given']
  const ran = await startCommand(['sh', '-c', 'exec 3<"$0" 4<"$0"; exec "$@"', file, ...words], {}).result
  // Its own of the directory is the fifth.
  assert.deepEqual([ran.code, ran.stdout], [0, 'given\n5\n'], ran.stderr)
})

test('limits are changed while it runs, processors are chosen for one more command, and its use is told', async () => {
  const directory = await bundle('trap exit TERM; sleep 1000 & wait', (spec) => {
    spec.linux.resources = { pids: { limit: 77 }, memory: { limit: 64 * 1024 * 1024 } }
  })
  assert.equal((await runtime(['run', '--detach', '--bundle', directory, 'limited'])).code, 0)
  assert.equal((await runtime(['update', '--pids-limit', '55', '--memory', `${96 * 1024 * 1024}`, 'limited'])).code, 0)
  const resources = join(root, 'resources.json')
  writeFileSync(resources, '{"cpu":{"shares":512}}')
  assert.equal((await runtime(['update', '--resources', resources, 'limited'])).code, 0)
  const look =
    'cd /sys/fs/cgroup; cat pids/pids.max memory/memory.limit_in_bytes 2>/dev/null || cat pids.max memory.max; grep Cpus_allowed_list /proc/self/status'
  const command = join(root, 'process.json')
  const { process: own } = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'))
  writeFileSync(command, JSON.stringify({ ...own, args: ['sh', '-c', look], execCPUAffinity: { initial: '0', final: '0' } }))
  const executed = await runtime(['exec', '--process', command, 'limited'])
  assert.equal(executed.stdout(), `55\n${96 * 1024 * 1024}\nCpus_allowed_list:\t0\n`, executed.stderr())

  const stats = JSON.parse((await runtime(['events', '--stats', 'limited'])).stdout())
  const { type, id, data } = stats as Spec
  assert.deepEqual([type, id, data.pids.limit, data.memory.usage.limit], ['stats', 'limited', 55, 96 * 1024 * 1024])
  assert.ok(data.pids.current >= 2 && data.memory.usage.usage > 0 && data.cpu.usage.total > 0, JSON.stringify(data))
  const events = startCommand([...call, 'events', '--interval', '100ms', 'limited'], {})
  await Promise.race([once(events.child.stdout as Readable, 'data'), events.result])
  await runtime(['kill', 'limited', 'TERM'])
  const told = await events.result
  assert.equal(told.code, 0, told.stderr)
  for (const line of told.stdout.trim().split('\n')) assert.equal(JSON.parse(line).type, 'stats')
  assert.match((await runtime(['events', 'limited'])).stderr(), /container not running/)
  await runtime(['delete', 'limited'])
})

test('a cgroup is where systemd would put it, and what only systemd does is refused', async () => {
  const systemd = ['--systemd-cgroup']
  const directory = await bundle('cat /proc/self/cgroup', (spec) => {
    spec.linux.cgroupsPath = `${slice}:prefix:name`
    spec.linux.namespaces = spec.linux.namespaces.filter(({ type }: Spec) => type !== 'cgroup')
  })
  const ran = await runtime(['run', '--bundle', directory, 'slice'], systemd)
  assert.equal(ran.code, 0, ran.stderr())
  assert.match(ran.stdout(), new RegExp(`:/${slice}/prefix-name\\.scope$`, 'm'))
  const properties = await bundle('true', (spec) => {
    spec.linux.cgroupsPath = `${slice}:prefix:name`
    spec.annotations = { 'org.systemd.property.MemoryHigh': '1' }
  })
  const refused = await runtime(['run', '--bundle', properties, 'slice'], systemd)
  assert.match(refused.stderr(), /org\.systemd\.property\.MemoryHigh: .*without systemd/)
  const misnamed = await runtime(['run', '--bundle', await bundle('true'), 'slice'], systemd)
  assert.match(misnamed.stderr(), /with --systemd-cgroup it is slice:prefix:name/)
})

test("run and exec in the foreground have the caller's terminal", async () => {
  const directory = await bundle('', (spec) => {
    spec.process.terminal = true
    spec.process.args = ['sh']
  })
  await using screen = await openTerminal([...call, 'run', '--bundle', directory, 'shell'], { env: { ...process.env, TERM: 'xterm' } })
  await screen.waitFor(/^\/ #/m, 60_000)
  await screen.type('tty; stty size; echo done\n')
  assert.match(await screen.waitFor(/^done$/m, 60_000), /^\/dev\/pts\/0\n24 80$/m)
  await using other = await openTerminal([...call, 'exec', '--tty', 'shell', 'sh', '-c', 'tty; exit 5'], { env: process.env })
  await other.waitFor(/^\/dev\/pts\/1$/m, 60_000)
  assert.equal((await other.exited()).code, 5)
  await screen.type('exit 7\n')
  assert.equal((await screen.exited()).code, 7)
  const created = await runtime(['create', '--bundle', directory, 'shell'])
  assert.match(created.stderr(), /--console-socket has to say who gets its other side/)
})

test('words that are not understood are told where the caller reads, with exit code 1', async () => {
  const log = join(root, 'log.json')
  const global = ['--log', log, '--log-format', 'json']
  const wrong = [await runtime(['create'], global), await runtime(['run', '--frob', 'x'], global), await runtime(['frobnicate'], global)]
  assert.deepEqual(
    wrong.map(({ code }) => code),
    [1, 1, 1],
  )
  const told = readFileSync(log, 'utf8').trim().split('\n')
  const messages = told.map((line) => JSON.parse(line).msg)
  assert.match(messages.join('\n'), /^missing required argument 'id'\nunknown option '--frob'\nrunning gocker-runtime frobnicate: /)
  assert.match(wrong[0]?.stderr() ?? '', /^gocker-runtime: missing required argument 'id'$/m)
})
