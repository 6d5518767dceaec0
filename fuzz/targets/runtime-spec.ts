import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeProgram, KernelError } from '@gocker/kernel'
import { RunError } from '../../packages/run/src/error.ts'
import { readBundle } from '../../packages/run/src/runtime/config/read-bundle.ts'
import { toCreateProgram } from '../../packages/run/src/runtime/program/create-program.ts'
import { mutateJson } from '../engine/mutate-json.ts'
import type { FuzzTarget } from '../engine/target.ts'
import { CAPABILITIES, FACTS } from './container-facts.ts'

const PROCESS = {
  terminal: false,
  user: { uid: 0, gid: 0, umask: 18, additionalGids: [5, 6] },
  args: ['sh', '-c', 'true'],
  env: ['PATH=/usr/bin:/bin', 'TERM=xterm'],
  cwd: '/',
  capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES, inheritable: [], ambient: [] },
  rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 }],
  noNewPrivileges: true,
  oomScoreAdj: 100,
}
const MOUNTS = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/data', type: 'bind', source: '/tmp', options: ['rbind', 'rro', 'rprivate'] },
  { destination: '/t', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] },
]
const LINUX = {
  namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
  cgroupsPath: '/gocker/x',
  devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0 }],
  resources: { memory: { limit: 1 << 26 }, cpu: { shares: 512 }, pids: { limit: 100 }, devices: [{ allow: false, access: 'rwm' }] },
  sysctl: { 'net.ipv4.ip_forward': '1' },
  rootfsPropagation: 'slave',
  maskedPaths: ['/proc/kcore', '/sys/firmware'],
  readonlyPaths: ['/proc/sys'],
  seccomp: {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO' }],
  },
}
const HOOKS = { createContainer: [{ path: '/bin/true', args: ['true'], env: ['A=b'], timeout: 1 }], poststop: [{ path: '/bin/true' }] }
const SPEC = {
  ociVersion: '1.2.0',
  process: PROCESS,
  root: { path: 'rootfs', readonly: true },
  hostname: 'box',
  mounts: MOUNTS,
  linux: LINUX,
}

let bundle = ''

/** `config.json` of a bundle, up to the program that creates its container. */
export const runtimeSpec: FuzzTarget = {
  seeds: [SPEC, { ...SPEC, hooks: HOOKS, annotations: { a: 'b' } }].map((spec) => Buffer.from(JSON.stringify(spec))),
  words: [
    '/proc/self/fd/7',
    '../..',
    'rbind',
    'idmap',
    'RLIMIT_CPU',
    'CAP_SYS_ADMIN',
    'user',
    'time',
    'SCMP_ACT_NOTIFY',
    '18446744073709551615',
  ],
  mutate: mutateJson,
  prepare(directory) {
    bundle = directory
    mkdirSync(join(bundle, 'rootfs'))
  },
  read(bytes) {
    writeFileSync(join(bundle, 'config.json'), bytes)
    const spec = readBundle(bundle)
    encodeProgram(toCreateProgram(spec, { ...FACTS, preserved: 0, noPivot: false, noNewKeyring: false }), 'x64')
  },
  isRefusal: (error) => error instanceof RunError || error instanceof KernelError,
}
