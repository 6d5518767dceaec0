import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { architecturesOf } from '../architectures.ts'
import { compileSeccomp } from '../compile.ts'
import type { SeccompHost } from '../conditional-profile.ts'
import type { Machine } from '../profile.ts'
import { runFilter } from '../testing/bpf-machine.ts'
import { defaultSeccompProfile } from './default-profile.ts'

const ALLOW = 0x7fff_0000
const EPERM = 0x0005_0001
const ENOSYS = 0x0005_0026
const CLONE_NEWUSER = 0x1000_0000n
const CLONE_THREAD = 0x0001_0000n

for (const architecture of ['x64', 'arm64'] satisfies Machine[]) {
  describe(`the default profile, ${architecture}`, () => {
    const ask = asking({ capabilities: [], architecture })
    const askWith = (...capabilities: string[]) => asking({ capabilities, architecture })

    test('lets ordinary work through', () => {
      for (const name of ['read', 'openat', 'execve', 'exit_group', 'futex', 'mmap', 'connect', 'ptrace', 'statx', 'removexattrat']) {
        assert.equal(ask(name), ALLOW, name)
      }
    })

    test('refuses what is not of the container', () => {
      for (const name of [
        'mount',
        'reboot',
        'bpf',
        'keyctl',
        'kexec_load',
        'init_module',
        'unshare',
        'setns',
        'io_uring_setup',
        'userfaultfd',
        'swapon',
        'chroot',
      ]) {
        assert.equal(ask(name), EPERM, name)
      }
    })

    test('says that newer calls do not exist', () => {
      assert.equal(ask('open_tree_attr'), ENOSYS)
    })

    test('gives each capability its calls', () => {
      for (const [capability, name] of [
        ['CAP_DAC_READ_SEARCH', 'open_by_handle_at'],
        ['CAP_SYS_ADMIN', 'mount'],
        ['CAP_SYS_ADMIN', 'clone3'],
        ['CAP_SYS_BOOT', 'reboot'],
        ['CAP_SYS_CHROOT', 'chroot'],
        ['CAP_SYS_MODULE', 'finit_module'],
        ['CAP_SYS_PACCT', 'acct'],
        ['CAP_SYS_PTRACE', 'kcmp'],
        ['CAP_SYS_TIME', 'clock_settime'],
        ['CAP_SYS_TTY_CONFIG', 'vhangup'],
        ['CAP_SYS_NICE', 'mbind'],
        ['CAP_SYSLOG', 'syslog'],
        ['CAP_BPF', 'bpf'],
        ['CAP_PERFMON', 'perf_event_open'],
      ] as const) {
        assert.notEqual(ask(name), ALLOW, name)
        assert.equal(askWith(capability)(name), ALLOW, name)
      }
    })

    test('lets clone make threads but no namespaces, and sends clone3 to clone', () => {
      assert.equal(ask('clone', CLONE_THREAD), ALLOW)
      assert.equal(ask('clone', CLONE_NEWUSER | CLONE_THREAD), EPERM)
      assert.equal(ask('clone3'), ENOSYS)
      assert.equal(askWith('CAP_SYS_ADMIN')('clone', CLONE_NEWUSER), ALLOW)
    })

    test('refuses sockets to the hypervisor and to the kernel crypto', () => {
      const refused = [...Array(64).keys()].filter((family) => ask('socket', BigInt(family)) !== ALLOW)
      assert.deepEqual(refused, [38, 40, ...Array.from({ length: 18 }, (_, index) => 46 + index)])
      for (const family of [38n, 40n]) assert.equal(ask('socket', (1n << 32n) + family), EPERM)
    })

    test('knows five personalities', () => {
      for (const personality of [0n, 8n, 0x2_0000n, 0x2_0008n, 0xffff_ffffn]) assert.equal(ask('personality', personality), ALLOW)
      for (const personality of [1n, 0x4_0000n, 0x40_0000n]) assert.equal(ask('personality', personality), EPERM)
    })

    test('lets processes be traced since Linux 4.8 or with the capability', () => {
      assert.equal(asking({ capabilities: [], architecture, kernel: '4.7.10' })('ptrace'), EPERM)
      assert.equal(asking({ capabilities: [], architecture, kernel: '4.8.0-rc1' })('ptrace'), ALLOW)
      assert.equal(asking({ capabilities: ['CAP_SYS_PTRACE'], architecture, kernel: '4.7.10' })('ptrace'), ALLOW)
    })
  })
}

test('each machine has its own calls', () => {
  const names = (architecture: Machine) => defaultSeccompProfile({ capabilities: [], architecture }).syscalls?.flatMap((rule) => rule.names)
  assert.ok(names('x64')?.includes('arch_prctl'))
  assert.ok(!names('x64')?.includes('cacheflush'))
  assert.ok(names('arm64')?.includes('cacheflush'))
  assert.ok(!names('arm64')?.includes('arch_prctl'))
})

test('every name is a call of some architecture', () => {
  const everything =
    'DAC_READ_SEARCH SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_TIME SYS_TTY_CONFIG SYS_NICE'
  const capabilities = everything.split(' ').map((name) => `CAP_${name}`)
  const architectures = [...architecturesOf('x64', ['SCMP_ARCH_X86', 'SCMP_ARCH_X32']), ...architecturesOf('arm64', ['SCMP_ARCH_ARM'])]
  for (const architecture of ['x64', 'arm64'] satisfies Machine[]) {
    const { syscalls = [] } = defaultSeccompProfile({ capabilities, architecture })
    for (const name of syscalls.flatMap((rule) => rule.names)) {
      // Another name of arm_sync_file_range.
      if (name === 'sync_file_range2') continue
      assert.ok(
        architectures.some(({ numberOf }) => numberOf(name) !== undefined),
        name,
      )
    }
  }
})

/** What the profile's filter says of a call of the machine's own architecture. */
function asking(host: SeccompHost): (name: string, ...args: bigint[]) => number {
  const filter = compileSeccomp(defaultSeccompProfile(host), host.architecture)
  const native = architecturesOf(host.architecture, [])[0]
  assert.ok(native)
  return (name, ...args) => {
    const number = native.numberOf(name)
    assert.ok(number !== undefined, name)
    return runFilter(filter, { arch: native.audit, number, args })
  }
}
