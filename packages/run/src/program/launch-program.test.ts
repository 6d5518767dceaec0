import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_CAPABILITIES, encodeProgram, type LaunchProgram, type Row } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { mountsOf, type ResolvedMount } from '../spec/mounts.ts'
import { MASKED_PATHS, READ_ONLY_PATHS } from '../spec/paths.ts'
import { toLaunchProgram } from './launch-program.ts'
import type { ProgramFacts } from './plan.ts'

type Changes = Partial<Omit<RuntimeSpec, 'process' | 'linux'>> & {
  readonly process?: Partial<RuntimeSpec['process']>
  readonly linux?: Partial<RuntimeSpec['linux']>
}

function specOf({ process = {}, linux = {}, ...changes }: Changes = {}, asked: readonly ResolvedMount[] = []): RuntimeSpec {
  const capabilities = { bounding: DEFAULT_CAPABILITIES, effective: DEFAULT_CAPABILITIES, permitted: DEFAULT_CAPABILITIES }
  return {
    ociVersion: '1.0.2',
    root: { path: 'rootfs' },
    hostname: 'box',
    process: { user: { uid: 0, gid: 0 }, args: ['sh', '-c', 'true'], env: ['PATH=/usr/bin:/bin'], cwd: '/', capabilities, ...process },
    mounts: mountsOf({ privileged: false, readOnly: false, shmSize: undefined, files: {}, asked }),
    linux: {
      namespaces: (['mount', 'uts', 'ipc', 'pid', 'cgroup', 'network'] as const).map((type) => ({ type })),
      cgroupsPath: '/gocker/x',
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READ_ONLY_PATHS,
      seccomp: { defaultAction: 'SCMP_ACT_ALLOW' },
      ...linux,
    },
    ...changes,
  }
}

function factsOf(changes: Partial<ProgramFacts> = {}): ProgramFacts {
  return {
    id: 'x',
    parent: 42,
    overlay: { base: '/layers', lowers: ['top', 'bottom'], upper: '/c/upper', work: '/c/work', mountPoint: '/c/rootfs' },
    cgroup: {
      entries: [
        { hierarchy: 'v1', directory: '/sys/fs/cgroup/cpu/gocker/x', file: '/sys/fs/cgroup/cpu/gocker/x/tasks', path: '/gocker/x' },
      ],
      views: [{ controller: 'cpu,cpuacct', hierarchy: 'v1', mountOptions: 'cpu,cpuacct', links: ['cpu', 'cpuacct'] }],
    },
    requests: new Map(),
    directories: new Set(),
    stdio: ['null', 'pipe', 'pipe'],
    init: false,
    seccompFilter: Buffer.alloc(8),
    lastCapability: 40,
    ...changes,
  }
}

/** The position of the first row whose name matches. */
function find({ rows }: LaunchProgram, name: RegExp): number {
  const index = rows.findIndex((row) => name.test(row.name))
  assert.notEqual(index, -1, `no row ${name}`)
  return index
}

function assertOrder(program: LaunchProgram, ...names: readonly RegExp[]): void {
  const found = names.map((name) => find(program, name))
  assert.deepEqual(
    found,
    [...found].sort((a, b) => a - b),
    `${names.join(', ')} are at ${found.join(', ')}`,
  )
}

const calls = ({ rows }: LaunchProgram, call: string): Row[] => rows.filter((row) => row.kind === 'call' && row.call === call)

test('a program can be encoded for both architectures', () => {
  const program = toLaunchProgram(specOf({ process: { terminal: true } }), factsOf({ init: true, windowSize: { columns: 80, rows: 24 } }))
  for (const architecture of ['x64', 'arm64'] as const)
    assert.equal(encodeProgram(program, architecture).subarray(0, 4).toString('latin1'), '\x7fELF')
})

test('a program that goes on without gocker can be encoded for both, whatever it is to keep', () => {
  const exec = { args: ['/usr/bin/node', 'gocker'], env: ['PATH=/bin'] }
  for (const terminal of [true, false])
    for (const log of [undefined, { file: '/c/log', maxSize: 0, maxFiles: 1 }, { file: '/c/log', maxSize: 100, maxFiles: 3 }]) {
      const detached = { log, exitFile: '/c/exit-status', cleanup: exec }
      const program = toLaunchProgram(
        specOf({ process: { terminal } }),
        factsOf({ parent: undefined, detached, init: true, stdio: ['pipe', 'pipe', 'pipe'] }),
      )
      for (const architecture of ['x64', 'arm64'] as const) assert.ok(encodeProgram(program, architecture).length > 0)
      assert.equal(calls(program, 'renameat2').length, log?.maxFiles === 3 ? 3 : 0)
      assertOrder(
        program,
        /^make the first process/,
        /^give back the rows/,
        /^wait for output/,
        /^write how and when it ended/,
        /^let the clean-up/,
      )
    }
})

test('the steps have their order', () => {
  const program = toLaunchProgram(specOf(), factsOf())
  assertOrder(
    program,
    /^block every signal/,
    /^make the first process/,
    /^die with the monitor/,
    /^begin a session$/,
    /^enter it in /,
    /^see its own cgroup/,
    /^take \/dev\/null for/,
    /^let no mount spread/,
    /^mount overlay/,
    /^take the old root away/,
    /^mount proc on \/proc$/,
    /^mount tmpfs on \/dev$/,
    /^make device \/dev\/null/,
    /^hide file \/proc\/kcore/,
    /^make \/proc\/sys read-only/,
    /^close what was taken from the host/,
    /^filter system calls/,
    /^drop /,
    /^be user 0/,
    /^keep 14 capabilities/,
    /^execute \/usr\/bin\/sh/,
    /^execute \/bin\/sh/,
  )
})

test("settings in /proc come before anything of the user's, and a read-only root after all mounts", () => {
  const volume: ResolvedMount = { type: 'bind', source: '/v', destination: '/v', readOnly: true, recursive: true, propagation: 'rprivate' }
  const spec = specOf({ root: { path: 'rootfs', readonly: true }, linux: { sysctl: { 'net.ipv4.ip_forward': '1' } } }, [volume])
  const program = toLaunchProgram(spec, factsOf())
  assertOrder(
    program,
    /^take \/v for \/v/,
    /^restrict \/v/,
    /^let no mount spread/,
    /^set sysctl net/,
    /^bind \/v on \/v/,
    /^make the root read-only/,
  )
})

test("a profile of AppArmor is asked for by the host's /proc, before anything of the image's is there", () => {
  const program = toLaunchProgram(specOf({ process: { apparmorProfile: 'mine' } }), factsOf())
  assertOrder(program, /^open the profile$/, /^confine it by mine/, /^mount overlay/, /^execute /)
  const rows = program.rows.filter(({ name }) => /profile|confine/.test(name)).map((row) => ('args' in row ? row.args : []))
  assert.deepEqual(
    rows.map((args) => args?.[1]),
    ['/proc/self/attr/apparmor/exec', '/proc/self/attr/exec', 'exec mine', undefined],
  )
  assert.equal(toLaunchProgram(specOf(), factsOf()).rows.filter(({ name }) => /profile/.test(name)).length, 0)
})

test('a filter goes last where no privilege can be gained any more', () => {
  const program = toLaunchProgram(specOf({ process: { noNewPrivileges: true } }), factsOf())
  assertOrder(program, /^keep 14 capabilities/, /^gain no privilege/, /^filter system calls/, /^execute /)
})

test('every capability that is not kept is dropped for good', () => {
  const dropped = toLaunchProgram(specOf(), factsOf()).rows.filter(({ name }) => /^drop CAP_/.test(name))
  assert.equal(dropped.length, 41 - DEFAULT_CAPABILITIES.length)
  assert.equal(
    toLaunchProgram(specOf(), factsOf({ lastCapability: 36 })).rows.filter(({ name }) => /^drop CAP_/.test(name)).length,
    37 - 14,
  )
})

test('a container that stays is not tied to gocker', () => {
  const ties = /^(be told when gocker dies|go on only while gocker lives|die with the monitor)$/
  const count = (parent: number | undefined) =>
    toLaunchProgram(specOf(), factsOf({ parent })).rows.filter(({ name }) => ties.test(name)).length
  assert.deepEqual([count(42), count(undefined)], [4, 0])
})

test('more layers than fit one page are added one by one', () => {
  const lowers = Array.from({ length: 80 }, (_, index) => `${index}`.padStart(64, '0'))
  const { overlay } = factsOf()
  const few = toLaunchProgram(specOf(), factsOf({ overlay: { ...overlay, lowers: lowers.slice(0, 55) } }))
  assert.equal(calls(few, 'fsconfig').length, 0)
  const many = toLaunchProgram(specOf(), factsOf({ overlay: { ...overlay, lowers } }))
  assert.equal(calls(many, 'fsconfig').length, 80 + 5)
})

test('marks of overlay options in paths are taken as they are', () => {
  const { overlay } = factsOf()
  const program = toLaunchProgram(specOf(), factsOf({ overlay: { ...overlay, lowers: ['/a:b', '/c,d'], upper: '/e\\f' } }))
  const [mount] = calls(program, 'mount').filter(({ name }) => name.startsWith('mount overlay'))
  assert.ok(mount?.kind === 'call')
  assert.equal(mount.args?.[4], 'lowerdir=/a\\:b:/c\\,d,upperdir=/e\\\\f,workdir=/c/work,redirect_dir=off,metacopy=off')
})

test('what goes with the container is not synced, and can be mounted again', () => {
  const { overlay } = factsOf()
  const program = toLaunchProgram(specOf(), factsOf({ overlay: { ...overlay, isVolatile: true } }))
  const [mount] = calls(program, 'mount').filter(({ name }) => name.startsWith('mount overlay'))
  assert.ok(mount?.kind === 'call')
  assert.match(`${mount.args?.[4]}`, /,volatile$/)
  const removed = calls(program, 'unlinkat').map((row) => (row.kind === 'call' ? `${row.args?.[1]}` : ''))
  const marks = removed.filter((path) => path.startsWith('/c/work/'))
  assert.deepEqual(marks, ['/c/work/work/incompat/volatile/dirty', '/c/work/work/incompat/volatile'])
})

test('a command with a slash is not searched, and PATH has only absolute directories', () => {
  const executed = (args: string[], path: string) =>
    calls(toLaunchProgram(specOf({ process: { args, env: [`PATH=${path}`] } }), factsOf()), 'execve').map(({ name }) => name)
  assert.deepEqual(executed(['./x'], '/bin'), ['execute ./x'])
  assert.deepEqual(executed(['x'], '.:/bin::rel:/usr/bin').slice(0, 2), ['execute /bin/x', 'execute /usr/bin/x'])
})

test('an unknown resource limit is refused', () => {
  const rlimits = [{ type: 'RLIMIT_WAT', soft: 1, hard: 1 }]
  assert.throws(() => toLaunchProgram(specOf({ process: { rlimits } }), factsOf()), { code: 'INVALID_OPTION' })
})

test('namespaces by path are joined, the mount namespace last', () => {
  const namespaces = [
    { type: 'mount', path: '/n/mnt' },
    { type: 'network', path: '/n/net' },
    { type: 'pid', path: '/n/pid' },
    { type: 'uts' },
  ] as const
  const program = toLaunchProgram(specOf({ linux: { namespaces } }), factsOf())
  assertOrder(program, /^join pid namespace \/n\/pid/, /^make the first process/, /^join network namespace/, /^join mount namespace/)
})
