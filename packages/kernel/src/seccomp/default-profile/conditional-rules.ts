import type { ConditionalRule } from '../conditional-profile.ts'

const ALLOW = 'SCMP_ACT_ALLOW'
const ENOSYS = 38

// Address families (linux/socket.h).
const AF_ALG = 38
const AF_IUCV = 39
const AFTER_AF_VSOCK = [41, 42, 43, 44, 45]

// Personalities that change how a program sees its machine, and nothing about its protection (linux/personality.h).
const PER_LINUX32 = 0x8
const UNAME26 = 0x2_0000
const READ_PERSONALITY = 0xffff_ffff

// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h). NEWTIME needs clone3 or unshare.
const NEW_NAMESPACES = 0x7e02_0000

/** What is allowed by its arguments. */
export const BY_ARGUMENT: readonly ConditionalRule[] = [
  // AF_VSOCK (40) reaches the hypervisor and AF_ALG the kernel's crypto code, and no namespace contains them. Docker allows whatever
  // is greater than 40: but a filter sees 64 bits of the family and the kernel 32, and 2^32 + 40 is AF_VSOCK. So those behind it are named.
  allowArgument('socket', 'SCMP_CMP_LT', AF_ALG),
  ...[AF_IUCV, ...AFTER_AF_VSOCK].map((family) => allowArgument('socket', 'SCMP_CMP_EQ', family)),
  ...[0, PER_LINUX32, UNAME26, UNAME26 | PER_LINUX32, READ_PERSONALITY].map((value) => allowArgument('personality', 'SCMP_CMP_EQ', value)),
  // A thread or a process, in no new namespace. clone3 has its flags in memory, where no filter looks; answered so, the C
  // library falls back on clone.
  { ...allowArgument('clone', 'SCMP_CMP_MASKED_EQ', NEW_NAMESPACES), excludes: { caps: ['CAP_SYS_ADMIN'] } },
  { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS, excludes: { caps: ['CAP_SYS_ADMIN'] } },
]

/** What the machine has of its own. */
export const BY_MACHINE: readonly ConditionalRule[] = [
  {
    ...allow('arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls'),
    includes: { arches: ['arm', 'arm64'] },
  },
  { ...allow('arch_prctl'), includes: { arches: ['amd64', 'x32'] } },
  { ...allow('modify_ldt'), includes: { arches: ['amd64', 'x32', 'x86'] } },
]

/** Before 4.8 a tracer could change a call after the filter had passed it. */
export const BY_KERNEL: readonly ConditionalRule[] = [
  { ...allow('process_vm_readv process_vm_writev ptrace'), includes: { minKernel: '4.8' } },
]

/** What the kernel would refuse without the capability anyway: most of these keep its code out of reach as well. */
export const BY_CAPABILITY: readonly ConditionalRule[] = [
  needing('CAP_DAC_READ_SEARCH', 'open_by_handle_at'),
  needing(
    'CAP_SYS_ADMIN',
    `bpf clone clone3 setns unshare mount umount umount2 mount_setattr move_mount open_tree fsconfig fsmount fsopen fspick
     fanotify_init lookup_dcookie lsm_get_self_attr lsm_set_self_attr lsm_list_modules perf_event_open quotactl quotactl_fd
     sethostname setdomainname syslog`,
  ),
  needing('CAP_SYS_BOOT', 'reboot'),
  needing('CAP_SYS_CHROOT', 'chroot'),
  needing('CAP_SYS_MODULE', 'init_module finit_module delete_module'),
  needing('CAP_SYS_PACCT', 'acct'),
  needing('CAP_SYS_PTRACE', 'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace'),
  needing('CAP_SYS_RAWIO', 'iopl ioperm'),
  needing('CAP_SYS_TIME', 'settimeofday stime clock_settime clock_settime64'),
  needing('CAP_SYS_TTY_CONFIG', 'vhangup'),
  needing('CAP_SYS_NICE', 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node'),
  needing('CAP_SYSLOG', 'syslog'),
  needing('CAP_BPF', 'bpf'),
  needing('CAP_PERFMON', 'perf_event_open'),
]

/** The names in a text, allowed. */
export function allow(names: string): ConditionalRule {
  return { names: names.trim().split(/\s+/), action: ALLOW }
}

function needing(capability: string, names: string): ConditionalRule {
  return { ...allow(names), includes: { caps: [capability] } }
}

function allowArgument(name: string, op: string, value: number): ConditionalRule {
  const mask = op === 'SCMP_CMP_MASKED_EQ' ? { valueTwo: 0 } : undefined
  return { names: [name], action: ALLOW, args: [{ index: 0, value, op, ...mask }] }
}
