import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RuntimeSpec } from '@gocker/oci'
import { schemaFor, temporaryDirectory } from '@gocker/testkit'
import { runtimeSpecTemplate } from '../spec-template.ts'
import { readBundle, readProcess, readResources } from './read-bundle.ts'

// A document that tests change at will.
// biome-ignore lint/suspicious/noExplicitAny: its shape is what is under test
type Document = any

function read(t: Parameters<typeof temporaryDirectory>[0], change: (spec: Document) => void): RuntimeSpec {
  const directory = temporaryDirectory(t)
  const spec: Document = structuredClone(runtimeSpecTemplate({ rootless: false }))
  change(spec)
  writeFileSync(join(directory, 'config.json'), JSON.stringify(spec))
  return readBundle(directory)
}

for (const rootless of [false, true])
  test(`the template${rootless ? ' of an ordinary user' : ''} is valid by the published schema`, () => {
    assert.deepEqual(schemaFor('runtime-config')(runtimeSpecTemplate({ rootless })), [])
  })

const REFUSED: readonly [name: string, change: (spec: Document) => void, code: string, said: RegExp][] = [
  ['a version of another age', (spec) => (spec.ociVersion = '2.0.0'), 'INVALID_SPEC', /ociVersion: "2\.0\.0", and gocker knows 1\.x/],
  ['no root', (spec) => delete spec.root, 'INVALID_SPEC', /config\.json: root is missing/],
  ['no process', (spec) => delete spec.process, 'INVALID_SPEC', /process is missing/],
  ['no command', (spec) => (spec.process.args = []), 'INVALID_SPEC', /process\.args: it is empty/],
  ['a relative working directory', (spec) => (spec.process.cwd = 'tmp'), 'INVALID_SPEC', /process\.cwd: "tmp", expected an absolute path/],
  ['a user that is a name', (spec) => (spec.process.user.uid = 'root'), 'INVALID_SPEC', /user\.uid: "root", expected a whole number/],
  ['a NUL', (spec) => spec.process.env.push('A=\0'), 'INVALID_SPEC', /process\.env\[2\].*without NUL/],
  ['an unknown namespace', (spec) => spec.linux.namespaces.push({ type: 'dream' }), 'INVALID_SPEC', /namespaces\[6\]\.type: "dream"/],
  ['a namespace twice', (spec) => spec.linux.namespaces.push({ type: 'pid' }), 'INVALID_SPEC', /pid is there twice/],
  ['users without maps', (spec) => spec.linux.namespaces.push({ type: 'user' }), 'INVALID_SPEC', /needs uidMappings and gidMappings/],
  [
    'maps without users',
    (spec) => (spec.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1 }]),
    'INVALID_SPEC',
    /need a user namespace/,
  ],
  ['clocks without a namespace', (spec) => (spec.linux.timeOffsets = { monotonic: { secs: 1 } }), 'INVALID_SPEC', /need a time namespace/],
  ['a setting of the machine', (spec) => (spec.linux.sysctl = { 'kernel.panic': '1' }), 'INVALID_SPEC', /it belongs to no namespace/],
  ['a bind of nothing', (spec) => spec.mounts.push({ destination: '/x', type: 'bind' }), 'INVALID_SPEC', /bind mount without a source/],
  ['a hook by a relative path', (spec) => (spec.hooks = { poststop: [{ path: 'true' }] }), 'INVALID_SPEC', /poststop\[0\]\.path: "true"/],
  ['a device of no kind', (spec) => (spec.linux.devices = [{ type: 'x', path: '/dev/x' }]), 'INVALID_SPEC', /devices\[0\]\.type: "x"/],
  ['cache ways', (spec) => (spec.linux.intelRdt = {}), 'UNSUPPORTED', /linux\.intelRdt/],
  ['marked packets', (spec) => (spec.linux.resources.network = { classID: 1 }), 'UNSUPPORTED', /resources\.network/],
  ['remote memory', (spec) => (spec.linux.resources.rdma = { mlx5: {} }), 'UNSUPPORTED', /resources\.rdma/],
  ['a label of SELinux', (spec) => (spec.process.selinuxLabel = 'a:b:c'), 'UNSUPPORTED', /process\.selinuxLabel/],
  [
    'a filter with a number that JSON has rounded',
    (spec) => {
      const args = [{ index: 0, value: 2 ** 60, op: 'SCMP_CMP_EQ' }]
      spec.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['kill'], action: 'SCMP_ACT_KILL', args }] }
    },
    'UNSUPPORTED',
    /seccomp of kill: .* more than 53 bits/,
  ],
  [
    'a filter that asks nobody',
    (spec) => {
      spec.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] }
    },
    'INVALID_SPEC',
    /SCMP_ACT_NOTIFY needs listenerPath/,
  ],
  [
    'words for nobody',
    (spec) => {
      spec.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', listenerMetadata: 'x' }
    },
    'INVALID_SPEC',
    /listenerMetadata needs listenerPath/,
  ],
  [
    'masks where the host has its mounts',
    (spec) => {
      spec.linux.namespaces = spec.linux.namespaces.filter(({ type }: { type: string }) => type !== 'mount')
    },
    'INVALID_SPEC',
    /config\.json\.mounts: without a mount namespace/,
  ],
]

for (const [name, change, code, said] of REFUSED)
  test(`refused: ${name}`, (t) => {
    assert.throws(() => read(t, change), { code, message: said })
  })

test('what is not said is filled in, and what nobody knows is passed over', (t) => {
  const { process, mounts, root, linux } = read(t, (spec) => {
    spec.process = { args: ['true'], cwd: '/tmp/', user: null, capabilities: null }
    spec.mounts = [
      { destination: 'relative', type: 'bind', source: 'file', options: ['bind'] },
      { destination: '/twice', type: 'bind', source: '/first' },
      { destination: '/twice', type: 'bind', source: '/second' },
    ]
    spec.linux = {
      namespaces: [
        { type: 'mount', path: '' },
        { type: 'network', path: '/ns' },
      ],
      maskedPaths: ['/a', '/a'],
    }
    spec.ofTomorrow = { all: 'new' }
    delete spec.hostname
  })
  assert.deepEqual(process, { args: ['true'], cwd: '/tmp/', user: { uid: 0, gid: 0 }, env: [] })
  const sources = mounts.map(({ source, destination }) => [source?.replace(root.path.replace(/rootfs$/, ''), ''), destination])
  assert.deepEqual(sources, [
    ['file', '/relative'],
    ['/second', '/twice'],
  ])
  assert.deepEqual(linux.namespaces, [{ type: 'mount' }, { type: 'network', path: '/ns' }])
  assert.deepEqual(linux.maskedPaths, ['/a'])
})

test('a process and resources by themselves are read, too', (t) => {
  const file = join(temporaryDirectory(t), 'process.json')
  writeFileSync(file, '{"args": ["ls"], "cwd": "/"}')
  assert.deepEqual(readProcess(file).user, { uid: 0, gid: 0 })
  writeFileSync(file, '{"args": "ls", "cwd": "/"}')
  assert.throws(() => readProcess(file), { code: 'INVALID_SPEC', message: 'reading process.args: "ls", expected a list' })
  assert.deepEqual(readResources('{"pids": {"limit": 3}}'), { pids: { limit: 3 } })
  assert.throws(() => readResources('{"pids": 3}'), { code: 'INVALID_SPEC', message: 'reading resources.pids: 3, expected an object' })
  assert.throws(() => readResources('{'), { code: 'INVALID_SPEC' })
  assert.throws(() => readBundle('/no/such'), { message: 'reading /no/such/config.json: no such file or directory' })
})
