import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runtimeFixture, type Spec, until } from './support/bundles.ts'

const { root, runtime, bundle, state } = runtimeFixture()

test('a container is created, started, entered, stopped still, killed and deleted', async () => {
  const directory = await bundle('trap "exit 3" TERM; sleep 1000 & echo begun; wait')
  const pidFile = join(root, 'pid')
  const created = await runtime(['create', '--bundle', directory, '--pid-file', pidFile, 'life'])
  assert.deepEqual([created.code, created.stdout(), created.stderr()], [0, '', ''])
  const { status, pid, bundle: known, ociVersion } = await state('life')
  assert.deepEqual([status, `${pid}`, known, ociVersion], ['created', readFileSync(pidFile, 'utf8'), directory, '1.2.0'])
  assert.match((await runtime(['create', '--bundle', directory, 'life'])).stderr(), /container with given ID already exists/)
  assert.equal((await runtime(['start', 'life'])).code, 0)
  await until('it has begun', () => created.stdout() === 'begun\n')
  assert.equal((await state('life')).status, 'running')
  assert.match((await runtime(['start', 'life'])).stderr(), /cannot start a container in the running state/)
  assert.match((await runtime(['delete', 'life'])).stderr(), /cannot delete a container that is not stopped: running/)
  const executed = await runtime([
    'exec',
    '--user',
    '1000:100',
    '--cwd',
    '/tmp',
    '--env',
    'A=b',
    'life',
    'sh',
    '-c',
    'id -u; id -g; pwd; echo $A; exit 5',
  ])
  assert.deepEqual([executed.code, executed.stdout()], [5, '1000\n100\n/tmp\nb\n'])
  assert.equal((await runtime(['exec', 'life', 'nosuch'])).code, 255)
  await runtime(['pause', 'life'])
  assert.equal((await state('life')).status, 'paused')
  assert.match((await runtime(['exec', 'life', 'true'])).stderr(), /cannot exec in a paused container/)
  await runtime(['resume', 'life'])
  assert.deepEqual(JSON.parse((await runtime(['ps', '--format', 'json', 'life'])).stdout()).includes(pid), true)
  assert.equal((await runtime(['kill', 'life', 'TERM'])).code, 0)
  await until('it has stopped', async () => (await state('life')).status === 'stopped')
  assert.match((await runtime(['kill', 'life', 'TERM'])).stderr(), /container not running/)
  assert.equal((await runtime(['delete', 'life'])).code, 0)
  assert.match((await runtime(['state', 'life'])).stderr(), /container does not exist/)
})

test('what ends is told by the exit code of run, and leaves nothing', async () => {
  const ended = await runtime(['run', '--bundle', await bundle('echo said; exit 7'), 'once'])
  assert.deepEqual([ended.code, ended.stdout(), ended.stderr()], [7, 'said\n', ''])
  assert.equal((await runtime(['list', '--quiet'])).stdout(), '')
})

test('hooks of all six kinds run in their order, each with the state', async () => {
  const told = join(root, 'told')
  mkdirSync(told)
  const hook = (kind: string, place = told) => ({
    path: '/bin/sh',
    args: ['sh', '-c', `read state; echo "$KIND $state" >> ${place}/log`],
    env: [`KIND=${kind}`, 'PATH=/bin:/usr/bin'],
    timeout: 60,
  })
  const directory = await bundle('echo command >> /told/log', (spec) => {
    spec.mounts.push({ destination: '/told', type: 'bind', source: told, options: ['rbind', 'rw'] })
    const kinds = ['prestart', 'createRuntime', 'createContainer', 'poststop']
    spec.hooks = Object.fromEntries([...kinds.map((kind) => [kind, [hook(kind)]]), ['startContainer', [hook('startContainer', '/told')]]])
    spec.hooks.poststart = [{ path: '/bin/sh', args: ['sh', '-c', `cat > ${told}/poststart`] }]
    spec.annotations = { 'com.example.key': 'value' }
  })
  const ran = await runtime(['run', '--bundle', directory, 'hooked'])
  assert.deepEqual([ran.code, ran.stderr()], [0, ''])
  const lines = readFileSync(join(told, 'log'), 'utf8').trim().split('\n')
  const words = lines.map((line) => line.split(' ')[0])
  assert.deepEqual(words, ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'command', 'poststop'])
  const states = [
    ...lines.filter((line) => line.includes('{')).map((line) => JSON.parse(line.slice(line.indexOf('{')))),
    JSON.parse(readFileSync(join(told, 'poststart'), 'utf8')),
  ]
  assert.deepEqual(
    states.map(({ status }) => status),
    ['creating', 'creating', 'creating', 'created', 'stopped', 'running'],
  )
  for (const told of states)
    assert.deepEqual([told.id, told.bundle, told.annotations], ['hooked', directory, { 'com.example.key': 'value' }])
})

for (const kind of ['createRuntime', 'createContainer', 'startContainer'])
  test(`a ${kind} hook that fails ends it all, and is named`, async () => {
    const directory = await bundle('echo begun', (spec) => {
      spec.hooks = { [kind]: [{ path: '/bin/sh', args: ['sh', '-c', 'exit 4'] }] }
    })
    const ran = await runtime(['run', '--bundle', directory, 'failing'])
    assert.deepEqual([ran.code, ran.stdout()], [1, ''])
    assert.match(ran.stderr(), new RegExp(`running ${kind} hook /bin/sh: exit status 4`))
    assert.equal((await runtime(['list', '--quiet'])).stdout(), '')
  })

/** What a container is asked to be, what looks at it, and what is seen. */
const ASKED: Readonly<Record<string, [change: (spec: Spec) => void, script: string, seen: string | RegExp]>> = {
  'limits, names and settings': [
    (spec) => {
      spec.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 12, hard: 13 }]
      spec.process.oomScoreAdj = 123
      spec.process.user.umask = 0o27
      spec.domainname = 'example.org'
      spec.linux.sysctl = { 'net.ipv4.ip_forward': '1' }
      spec.linux.namespaces.push({ type: 'time' })
      spec.linux.timeOffsets = { boottime: { secs: 1_000_000_000 } }
    },
    'ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj; umask; cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward; cut -c1 /proc/uptime',
    '12\n13\n123\n0027\nexample.org\n1\n1\n',
  ],
  'scheduling and capabilities': [
    (spec) => {
      spec.process.scheduler = { policy: 'SCHED_BATCH', nice: 5 }
      spec.process.ioPriority = { class: 'IOPRIO_CLASS_IDLE', priority: 0 }
      spec.process.user = { uid: 1000, gid: 1000, additionalGids: [50] }
      const some = ['CAP_NET_BIND_SERVICE']
      spec.process.capabilities = {
        bounding: some,
        permitted: some,
        inheritable: some,
        effective: some,
        ambient: [...some, 'CAP_OF_TOMORROW'],
      }
    },
    "awk '{print $19, $41}' /proc/self/stat; ionice -p 1; grep CapAmb /proc/self/status; id -G",
    /^5 3\nidle.*\nCapAmb:\t0000000000000400\n1000 50\n$/,
  ],
  'mounts with their options': [
    (spec) => {
      const source = join(root, 'source')
      mkdirSync(source)
      writeFileSync(join(source, 'file'), 'content\n')
      spec.mounts.push(
        { destination: '/volume', type: 'bind', source, options: ['rbind', 'rro', 'rnosuid', 'rnoexec', 'rslave'] },
        { destination: '/single/file', type: 'bind', source: join(source, 'file'), options: ['bind', 'ro'] },
        { destination: '/memory', type: 'tmpfs', source: 'tmpfs', options: ['size=64k', 'nodev', 'mode=700'] },
        { destination: '/etc', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] },
        { destination: '/memory', type: 'tmpfs', source: 'tmpfs', options: ['remount', 'ro'] },
      )
    },
    'cat /volume/file /single/file; touch /volume/x /single/file /memory/x; grep -c alice /etc/passwd; stat -c %a /etc /memory; grep -E "^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /volume " /proc/self/mountinfo | cut -d" " -f6',
    /^content\ncontent\n1\n755\n700\nro,nosuid(,nodev)?,noexec\S*\n$/,
  ],
  'devices, and what is hidden': [
    (spec) => {
      spec.linux.devices = [{ type: 'c', path: '/dev/my/null', major: 1, minor: 3, fileMode: 0o640, uid: 1, gid: 2 }]
      spec.linux.maskedPaths = ['/etc/passwd', '/home']
      spec.linux.readonlyPaths = ['/tmp']
    },
    'stat -c "%a %u %g %t %T" /dev/my/null; echo x > /dev/my/null; cat /etc/passwd; ls /home; touch /tmp/x || echo refused',
    '640 1 2 1 3\nrefused\n',
  ],
  'limits of the cgroup': [
    (spec) => {
      spec.linux.resources = { pids: { limit: 77 }, memory: { limit: 64 * 1024 * 1024 } }
    },
    'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/memory.max',
    '77\n67108864\n',
  ],
  'a filter of system calls that is older than gocker': [
    (spec) => {
      spec.process.noNewPrivileges = false
      spec.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['faccessat2', 'close_range', 'clone3', 'openat2'], action: 'SCMP_ACT_ERRNO' }],
      }
    },
    'ls /proc/self/fd | wc -l',
    '4\n',
  ],
  'a filter of system calls': [
    (spec) => {
      spec.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 95 }],
      }
    },
    'mkdir /tmp/x 2>&1; true',
    /not supported/i,
  ],
}

for (const [name, [change, script, seen]] of Object.entries(ASKED))
  test(`as the specification asks: ${name}`, async () => {
    const ran = await runtime(['run', '--bundle', await bundle(script, change), 'asked'])
    const said = ran.stdout()
    assert.equal(ran.code, 0, `${said}${ran.stderr()}`)
    if (typeof seen === 'string') assert.equal(said, seen)
    else assert.match(said, seen)
  })

test('a command that cannot begin is refused when the container is created', async () => {
  const directory = await bundle('', (spec) => {
    spec.process.args = ['nosuch']
  })
  const created = await runtime(['create', '--bundle', directory, 'none'])
  assert.deepEqual([created.code, created.stderr()], [1, 'gocker-runtime: exec: "nosuch": executable file not found in $PATH\n'])
  assert.equal((await runtime(['list', '--quiet'])).stdout(), '')
})

test('errors are written where the caller reads them', async () => {
  const log = join(root, 'log.json')
  await runtime(['start', 'nobody'], ['--log', log, '--log-format', 'json'])
  const { level, msg, time } = JSON.parse(readFileSync(log, 'utf8'))
  assert.deepEqual([level, msg], ['error', 'finding container nobody: container does not exist'])
  assert.ok(Date.parse(time) > 0)
})
