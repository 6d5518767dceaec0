import { existsSync, readFileSync } from 'node:fs'
import { lastCapability, maskCapabilities, mountOptionNames, SECCOMP_NAMES } from '@gocker/kernel'

/** The newest version of the specification whose words are understood. */
export const SPEC_VERSION = '1.2.0'
const OLDEST = '1.0.0'

/**
 * What this runtime can do here.
 * @param version gocker's
 * @see https://github.com/opencontainers/runtime-spec/blob/main/features.md
 */
export function runtimeFeatures(version: string): object {
  return {
    ociVersionMin: OLDEST,
    ociVersionMax: SPEC_VERSION,
    hooks: ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'],
    mountOptions: mountOptionNames(),
    linux: {
      namespaces: ['cgroup', 'ipc', 'mount', 'network', 'pid', 'time', 'user', 'uts'],
      capabilities: maskCapabilities(2n ** BigInt(lastCapability() + 1) - 1n),
      cgroup: { v1: true, v2: true, systemd: false, systemdUser: false, rdma: false },
      seccomp: { enabled: existsSync('/proc/sys/kernel/seccomp'), ...SECCOMP_NAMES },
      apparmor: { enabled: isApparmorEnabled() },
      selinux: { enabled: false },
      intelRdt: { enabled: false },
      mountExtensions: { idmap: { enabled: true } },
    },
    annotations: { 'io.gocker.version': version },
    potentiallyUnsafeConfigAnnotations: [],
  }
}

/** Whether profiles confine anything on this machine. */
export function isApparmorEnabled(): boolean {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'latin1').startsWith('Y')
  } catch {
    return false
  }
}
