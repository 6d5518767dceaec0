import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuntimeSpec } from '@gocker/oci'
import { type ExecFindings, type ExecRequest, execSpec } from './exec-spec.ts'

const rights = { bounding: ['CAP_CHOWN'], effective: ['CAP_CHOWN'], permitted: ['CAP_CHOWN'] }

const SPEC: RuntimeSpec = {
  ociVersion: '1.0.2',
  root: { path: 'rootfs' },
  process: {
    terminal: true,
    consoleSize: { height: 1, width: 2 },
    user: { uid: 1, gid: 2, additionalGids: [2, 3] },
    args: ['sleep'],
    env: ['PATH=/bin', 'A=1', 'HOME=/daemon'],
    cwd: '/srv',
    capabilities: rights,
    noNewPrivileges: true,
    rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }],
  },
  mounts: [],
  linux: { namespaces: [] },
}

function processOf(request: Partial<ExecRequest> = {}, findings: Partial<ExecFindings> = {}) {
  return execSpec(SPEC, { command: ['ls', '-l'], ...request }, { caller: { CALLER: 'c' }, ...findings }).process
}

test('a command has what the container has, and no terminal unless it asks for one', () => {
  const { consoleSize: _, ...inherited } = SPEC.process
  assert.deepEqual(processOf(), { ...inherited, terminal: false, args: ['ls', '-l'] })
})

test('variables go over those of the container, in its order', () => {
  assert.deepEqual(processOf({ env: ['B=2', 'A=3', 'CALLER', 'PATH'] }).env, ['A=3', 'HOME=/daemon', 'B=2', 'CALLER=c'])
  assert.deepEqual(processOf({ tty: true }).env.at(-1), 'TERM=xterm')
  assert.ok(processOf({ tty: true, env: ['TERM=vt100'] }).env.includes('TERM=vt100'))
})

const bob = { uid: 7, gid: 8, additionalGids: [8], home: '/bob' }

test("another user has his groups and his home, unless the container's home was chosen", () => {
  const own = processOf({}, { user: { identity: bob, homeBefore: '/daemon' } })
  assert.deepEqual([own.user, own.env.at(-1)], [{ uid: 7, gid: 8, additionalGids: [8] }, 'HOME=/bob'])
  assert.ok(processOf({}, { user: { identity: bob, homeBefore: '/other' } }).env.includes('HOME=/daemon'))
  assert.ok(processOf({ env: ['HOME=/mine'] }, { user: { identity: bob, homeBefore: '/daemon' } }).env.includes('HOME=/mine'))
})

test('more capabilities are in every set that a command keeps', () => {
  const { capabilities, noNewPrivileges } = processOf({}, { capabilities: ['CAP_CHOWN', 'CAP_SYS_ADMIN'] })
  const all = ['CAP_CHOWN', 'CAP_SYS_ADMIN']
  assert.deepEqual(capabilities, { bounding: all, effective: all, permitted: all, inheritable: [], ambient: [] })
  assert.equal(noNewPrivileges, true)
})

test("a directory is absolute, and without one it is the container's", () => {
  assert.equal(processOf({ workdir: '/a/../b/' }).cwd, '/b/')
  assert.equal(processOf({ workdir: '' }).cwd, '/srv')
  assert.throws(() => processOf({ workdir: 'a' }), { code: 'INVALID_OPTION' })
  assert.throws(() => processOf({ command: [] }), { code: 'NO_COMMAND' })
})
