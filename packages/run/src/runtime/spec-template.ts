import { DEFAULT_CAPABILITIES } from '@gocker/kernel'
import type { RuntimeMount, RuntimeNamespaceType, RuntimeSpec } from '@gocker/oci'
import { MASKED_PATHS, READ_ONLY_PATHS } from '../spec/paths.ts'
import { SPEC_VERSION } from './features.ts'

const GUARDED = ['nosuid', 'noexec', 'nodev']

/**
 * A `config.json` to begin with: a shell on the directory `rootfs`, with nothing of the host.
 * @param options.rootless for a user without rights, as whom it is root inside
 */
export function runtimeSpecTemplate({ rootless }: { readonly rootless: boolean }): RuntimeSpec {
  const capabilities = [...DEFAULT_CAPABILITIES]
  const types: RuntimeNamespaceType[] = ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup']
  return {
    ociVersion: SPEC_VERSION,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'gocker',
    mounts: mountsFor(rootless),
    linux: {
      ...(rootless && { uidMappings: [oneself(process.geteuid?.() ?? 0)], gidMappings: [oneself(process.getegid?.() ?? 0)] }),
      ...(!rootless && { resources: { devices: [{ allow: false, access: 'rwm' }] } }),
      namespaces: [...types, ...(rootless ? (['user'] as const) : [])].map((type) => ({ type })),
      maskedPaths: [...MASKED_PATHS],
      readonlyPaths: [...READ_ONLY_PATHS],
    },
  }
}

function oneself(hostID: number) {
  return { containerID: 0, hostID, size: 1 }
}

function mountsFor(rootless: boolean): RuntimeMount[] {
  const group = rootless ? [] : ['gid=5']
  const terminals = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...group]
  const cgroups: RuntimeMount = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...GUARDED, 'relatime', 'ro'] }
  return [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: terminals },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...GUARDED, 'mode=1777', 'size=65536k'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: GUARDED },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...GUARDED, 'ro'] },
    cgroups,
  ]
}
