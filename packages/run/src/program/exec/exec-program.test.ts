import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_CAPABILITIES, encodeProgram, type LaunchProgram } from '@gocker/kernel'
import type { RuntimeProcess, RuntimeSpec } from '@gocker/oci'
import { type ExecFacts, toExecProgram } from './exec-program.ts'
import { toHealthProgram } from './health-program.ts'

const FACTS: ExecFacts = {
  id: 'x',
  parent: 42,
  cgroup: {
    entries: [
      { hierarchy: 'v1', directory: '/cg/cpu/gocker/x', file: '/cg/cpu/gocker/x/tasks', path: '/gocker/x' },
      { hierarchy: 'v2', directory: '/cg/unified/gocker/x', file: '/cg/unified/gocker/x/cgroup.procs', path: '/gocker/x' },
    ],
    views: [],
  },
  firstProcess: 7,
  stdio: ['null', 'pipe', 'pipe'],
  seccompFilter: Buffer.alloc(8),
  lastCapability: 40,
}
const TIMES = { interval: 1e9, timeout: 2.5e9, startPeriod: 3e9, startInterval: 1e8, retries: 3 }

function specOf(process: Partial<RuntimeProcess> = {}): RuntimeSpec {
  const capabilities = { bounding: DEFAULT_CAPABILITIES, effective: DEFAULT_CAPABILITIES, permitted: DEFAULT_CAPABILITIES }
  return {
    ociVersion: '1.0.2',
    root: { path: 'rootfs' },
    process: { user: { uid: 0, gid: 0 }, args: ['ls'], env: ['PATH=/bin'], cwd: '/srv', oomScoreAdj: 1, capabilities, ...process },
    mounts: [],
    linux: { namespaces: [], cgroupsPath: '/gocker/x', seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } },
  }
}

function assertOrder({ rows }: LaunchProgram, ...names: readonly RegExp[]): void {
  const found = names.map((name) => rows.findIndex((row) => name.test(row.name)))
  assert.ok(!found.includes(-1) && found.every((at, index) => index === 0 || at > (found[index - 1] ?? 0)), `${names} are at ${found}`)
}

test('programs can be encoded for both architectures', () => {
  const programs = [
    toExecProgram(specOf({ terminal: true }), { ...FACTS, windowSize: { columns: 80, rows: 24 } }),
    toHealthProgram(specOf(), FACTS, TIMES),
    toHealthProgram(specOf(), FACTS, { ...TIMES, startPeriod: 0 }),
  ]
  for (const program of programs)
    for (const architecture of ['x64', 'arm64'] as const)
      assert.equal(encodeProgram(program, architecture).subarray(0, 4).toString('latin1'), '\x7fELF')
})

test('the command has a process only when nothing is left to be given up (CVE-2016-9962)', () => {
  assertOrder(
    toExecProgram(specOf(), FACTS),
    /^open its oom score/,
    /^enter it in \/cg\/cpu$/,
    /^join the container's namespaces/,
    /^close what was taken from the host/,
    /^go to \/srv$/,
    /^filter system calls/,
    /^drop CAP_SYS_ADMIN/,
    /^be user 0/,
    /^keep \d+ capabilities/,
    /^is it outside of the container/,
    /^make the process of the command/,
    /^begin a session/,
    /^execute \/bin\/ls/,
  )
})

test('a filter goes last where no privilege can be gained any more', () => {
  const program = toExecProgram(specOf({ noNewPrivileges: true }), FACTS)
  assertOrder(program, /^make the process of the command/, /^gain no privilege/, /^filter system calls/, /^execute/)
})

test("a terminal is taken while the rights for it are there, and made the session's by the command", () => {
  const program = toExecProgram(specOf({ terminal: true }), FACTS)
  assertOrder(
    program,
    /^join/,
    /^make a terminal/,
    /^make the terminal descriptor 0/,
    /^begin a session$/,
    /^make the terminal the session's/,
  )
  assert.equal(
    program.rows.some(({ name }) => name.includes('/dev/console')),
    false,
  )
})

test('a command that goes on is tied to nobody', () => {
  const names = (facts: ExecFacts) => toExecProgram(specOf(), facts).rows.map(({ name }) => name)
  const [tied, free] = [names(FACTS), names({ ...FACTS, parent: undefined })]
  const ties = (rows: string[]) => rows.filter((name) => name === 'die with the monitor' || name === 'be told when gocker dies').length
  // Of the process that joins alone.
  assert.deepEqual([ties(tied), ties(free)], [3, 1])
})

test('where v2 alone is, a cgroup that is shared out is entered where the first process is', () => {
  const [, v2] = FACTS.cgroup.entries
  assert.ok(v2 !== undefined)
  const alone = { ...FACTS, cgroup: { ...FACTS.cgroup, entries: [v2] } }
  assertOrder(toExecProgram(specOf(), alone), /^enter it in/, /^ask for the cgroup of the first/, /^enter the cgroup of the first/, /^join/)
  assert.ok(!toExecProgram(specOf(), FACTS).rows.some(({ name }) => /cgroup of the first/.test(name)))
})

test('a start period is looked at only where there is one', () => {
  const looks = (startPeriod: number) =>
    toHealthProgram(specOf(), FACTS, { ...TIMES, startPeriod }).rows.filter(({ name }) => /start period/.test(name)).length
  assert.equal(looks(0), 0)
  assert.ok(looks(1) > 0)
})
