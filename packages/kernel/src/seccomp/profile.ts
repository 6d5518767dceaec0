/** A machine in Node's words; to seccomp, it answers to the system calls of several architectures. */
export type { Architecture as Machine } from '../launch/architecture.ts'

/**
 * A profile as the runtime spec words it, with nothing left to decide.
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp
 */
export interface SeccompProfile {
  /** `SCMP_ACT_ERRNO`, ... */
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  /** `SCMP_ARCH_X86_64`, ...; the machine's own always counts, named or not. */
  readonly architectures?: readonly string[]
  /** `SECCOMP_FILTER_FLAG_LOG`, ... */
  readonly flags?: readonly string[]
  readonly syscalls?: readonly SeccompRule[]
}

/** The arguments are conditions that hold together; rules of the same call are alternatives. */
export interface SeccompRule {
  readonly names: readonly string[]
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly SeccompArgument[]
}

/** For `SCMP_CMP_MASKED_EQ`, `value` is the mask and `valueTwo` what the masked argument is compared with. */
export interface SeccompArgument {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number
  /** `SCMP_CMP_EQ`, ... */
  readonly op: string
}
