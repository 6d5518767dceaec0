import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_CAPABILITIES, defaultSeccompProfile } from '@gocker/kernel'
import { schemaFor } from '@gocker/testkit'
import { specText } from '../life/bundle.ts'
import type { ResourceOptions, RunOptions } from '../options/container-options.ts'
import { parseUlimit } from '../options/ulimit.ts'
import { type SpecInput, toRuntimeSpec } from './runtime-spec.ts'

const id = '0123456789abcdef'.repeat(4)

function inputOf(options: RunOptions & ResourceOptions, more: Partial<SpecInput> = {}): SpecInput {
  return {
    id,
    options: { command: ['true'], ...options },
    config: {},
    identity: { uid: 0, gid: 0, additionalGids: [], home: '/root' },
    host: { processors: 4, limitsSwap: true, blockDevices: {}, hostname: 'machine', environment: {} },
    mounts: [],
    files: { '/etc/hosts': '/c/hosts' },
    devices: [],
    capabilities: DEFAULT_CAPABILITIES,
    seccomp: defaultSeccompProfile({ capabilities: DEFAULT_CAPABILITIES, architecture: 'x64' }),
    cgroupsPath: `/gocker/${id}`,
    ...more,
  }
}

const validate = schemaFor('runtime-config')

const valid: readonly (readonly [what: string, input: SpecInput])[] = [
  ['with defaults', inputOf({})],
  ['privileged', inputOf({ privileged: true }, { seccomp: undefined })],
  [
    'with everything',
    inputOf(
      {
        tty: true,
        readOnly: true,
        hostname: 'web',
        domainname: 'example',
        memory: 2 ** 26,
        cpus: 0.5,
        pidsLimit: 10,
        blkioWeight: 100,
        cpusetCpus: '0',
        oomScoreAdj: -500,
        ulimits: [parseUlimit('nofile=10:20'), parseUlimit('core=-1')],
        sysctls: { 'net.ipv4.ip_forward': '1' },
        securityOpt: ['no-new-privileges'],
      },
      {
        devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0, access: 'rw' }],
        mounts: [
          { type: 'tmpfs', destination: '/t', options: ['size=1m'] },
          { type: 'bind', source: '/a', destination: '/a', readOnly: true, recursive: false, propagation: 'slave' },
        ],
      },
    ),
  ],
]

for (const [what, input] of valid)
  test(`a config ${what} is valid by the runtime spec's schema`, () =>
    assert.deepEqual(validate(JSON.parse(specText(toRuntimeSpec(input)))), []))

test('no limit is written to the digit', () => {
  const text = specText(toRuntimeSpec(inputOf({ ulimits: [parseUlimit('core=-1')] })))
  assert.match(text, /"soft":18446744073709551615,"hard":18446744073709551615/)
})

test("the hostname is the id, or the host's, or what was asked for", () => {
  assert.equal(toRuntimeSpec(inputOf({})).hostname, '0123456789ab')
  assert.equal(toRuntimeSpec(inputOf({ network: 'host' })).hostname, 'machine')
  assert.equal(toRuntimeSpec(inputOf({ network: 'host', hostname: 'web' })).hostname, 'web')
})

test("namespaces are its own, but for the network when that is the host's", () => {
  const types = (network: 'none' | 'host') => toRuntimeSpec(inputOf({ network })).linux.namespaces.map(({ type }) => type)
  assert.deepEqual(types('none'), ['mount', 'uts', 'ipc', 'pid', 'cgroup', 'network'])
  assert.deepEqual(types('host'), ['mount', 'uts', 'ipc', 'pid', 'cgroup'])
})

test('mounts replace those of the same place, and come the shallower first', () => {
  const { mounts } = toRuntimeSpec(
    inputOf(
      {},
      {
        mounts: [
          { type: 'tmpfs', destination: '/a/b/c', options: [] },
          { type: 'tmpfs', destination: '/a', options: [] },
          { type: 'tmpfs', destination: '/dev/shm', options: ['size=1'] },
          { type: 'bind', source: '/my/hosts', destination: '/etc/hosts', readOnly: false, recursive: true, propagation: 'rprivate' },
        ],
      },
    ),
  )
  const places = mounts.map(({ destination }) => destination)
  assert.deepEqual(places.slice(-4), ['/a', '/dev/shm', '/etc/hosts', '/a/b/c'])
  assert.equal(places.filter((place) => place === '/dev/shm').length, 1)
  assert.equal(mounts.find(({ destination }) => destination === '/etc/hosts')?.source, '/my/hosts')
})

test('a privileged container has nothing masked, and may use every device', () => {
  const { linux, mounts } = toRuntimeSpec(inputOf({ privileged: true }))
  assert.deepEqual([linux.maskedPaths, linux.readonlyPaths], [[], []])
  assert.deepEqual(linux.resources?.devices, [{ allow: true, access: 'rwm' }])
  assert.equal(mounts.find(({ destination }) => destination === '/sys')?.options?.includes('ro'), false)
})

test('what no container can have is refused', () => {
  assert.throws(() => toRuntimeSpec(inputOf({ workdir: 'here' })), { code: 'INVALID_OPTION', message: /not an absolute path/ })
  assert.throws(() => toRuntimeSpec(inputOf({ oomScoreAdj: 1001 })), { code: 'INVALID_OPTION' })
})
