import { constants } from 'node:os'
import { type ConditionalProfile, resolveProfile, type SeccompHost } from '../conditional-profile.ts'
import type { SeccompProfile } from '../profile.ts'
import { allow, BY_ARGUMENT, BY_CAPABILITY, BY_KERNEL, BY_MACHINE } from './conditional-rules.ts'
import { FOR_EVERYBODY } from './everybody.ts'

/**
 * The profile that Docker uses by default (as of mid 2026: AF_ALG and AF_VSOCK sockets refused), less what it says of
 * machines other than x64 and arm64: everything that is not allowed answers `EPERM`.
 * @see https://docs.docker.com/engine/security/seccomp/
 */
export function defaultSeccompProfile(host: SeccompHost): SeccompProfile {
  return resolveProfile(defaultProfile(), host)
}

function defaultProfile(): ConditionalProfile {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: constants.errno.EPERM,
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    ],
    syscalls: [allow(Object.values(FOR_EVERYBODY).join(' ')), ...BY_KERNEL, ...BY_ARGUMENT, ...BY_MACHINE, ...BY_CAPABILITY],
  }
}
