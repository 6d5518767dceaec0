import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KernelError } from '../error.ts'
import { compileSeccomp } from './compile.ts'
import { defaultSeccompProfile } from './default-profile/default-profile.ts'
import type { Machine, SeccompArgument, SeccompProfile, SeccompRule } from './profile.ts'
import { runFilter } from './testing/bpf-machine.ts'
import { assertEquivalent } from './testing/equivalence.ts'
import { Libseccomp } from './testing/libseccomp.ts'

const X86_64 = 0xc000_003e
const I386 = 0x4000_0003
const ALLOW = 0x7fff_0000
const EPERM = 0x0005_0001
const ENOSYS = 0x0005_0026
const KILL_THREAD = 0

const MACHINES: readonly Machine[] = ['x64', 'arm64']
const ARCHITECTURES = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
}

const libseccomp = new Libseccomp()

describe('the same answers as libseccomp', () => {
  for (const machine of MACHINES) {
    for (const capabilities of [[], ['CAP_SYS_CHROOT'], ['CAP_SYS_ADMIN', 'CAP_SYS_PTRACE', 'CAP_SYS_TIME']]) {
      test(`default profile, ${machine}, ${capabilities.join(' ') || 'no capabilities'}`, () => {
        assertEquivalent(libseccomp, known(defaultSeccompProfile({ capabilities, architecture: machine }), machine), machine)
      })
    }

    for (const op of ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT']) {
      for (const value of [0, 5, 0xffff_ffff, 0x1_0000_0000, 0x1234_0000_5678, 0xffff_ffff_0000_0000]) {
        test(`one argument SCMP_CMP_${op} 0x${value.toString(16)}, ${machine}`, () => {
          assertEquivalent(libseccomp, profileOf(machine, [allow('ioctl', { index: 1, value, op: `SCMP_CMP_${op}` })]), machine)
        })
      }
    }

    for (const [value, valueTwo] of [
      [0xff, 0x12],
      [0xff, 0x112],
      [0xff00_0000_0000, 0x1200_0000_0000],
      [0xffff_0000_ffff, 0x1_0000_0001],
      [0, 0],
    ] as const) {
      test(`masked argument & 0x${value.toString(16)} = 0x${valueTwo.toString(16)}, ${machine}`, () => {
        assertEquivalent(libseccomp, profileOf(machine, [allow('ioctl', { index: 2, value, valueTwo, op: 'SCMP_CMP_MASKED_EQ' })]), machine)
      })
    }

    test(`several arguments hold together, several rules are alternatives, ${machine}`, () => {
      const rules = [
        allow(
          'fcntl',
          { index: 0, value: 3, op: 'SCMP_CMP_EQ' },
          { index: 1, value: 7, op: 'SCMP_CMP_GT' },
          { index: 2, value: 0x1_0000_0000, op: 'SCMP_CMP_NE' },
        ),
        allow('fcntl', { index: 0, value: 4, op: 'SCMP_CMP_EQ' }, { index: 1, value: 9, op: 'SCMP_CMP_LE' }),
        allow('fcntl', { index: 4, value: 0x10, op: 'SCMP_CMP_GE' }),
        { ...allow('fcntl', { index: 0, value: 6, op: 'SCMP_CMP_EQ' }), action: 'SCMP_ACT_ERRNO', errnoRet: 22 },
      ]
      assertEquivalent(libseccomp, profileOf(machine, rules), machine)
    })

    test(`an argument named twice makes alternatives, ${machine}`, () => {
      const rule = allow(
        'fcntl',
        { index: 1, value: 3, op: 'SCMP_CMP_EQ' },
        { index: 1, value: 7, op: 'SCMP_CMP_EQ' },
        { index: 2, value: 1, op: 'SCMP_CMP_EQ' },
      )
      assertEquivalent(libseccomp, profileOf(machine, [rule]), machine)
    })

    test(`a rule without conditions covers the others, before or after, ${machine}`, () => {
      const narrow = { index: 0, value: 3, op: 'SCMP_CMP_EQ' }
      const trap = { names: ['close', 'dup'], action: 'SCMP_ACT_TRAP' }
      assertEquivalent(libseccomp, profileOf(machine, [allow('close', narrow), trap, allow('dup', narrow), allow('close')]), machine)
    })

    test(`a rule that says what the default says hides no later one, ${machine}`, () => {
      const rules = [
        { names: ['close'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
        { names: ['dup'], action: 'SCMP_ACT_ERRNO' },
        allow('close'),
        allow('dup'),
      ]
      assertEquivalent(libseccomp, profileOf(machine, rules), machine)
    })

    test(`every action, ${machine}`, () => {
      const rules = [
        { names: ['read'], action: 'SCMP_ACT_KILL' },
        { names: ['write'], action: 'SCMP_ACT_KILL_THREAD' },
        { names: ['close'], action: 'SCMP_ACT_KILL_PROCESS' },
        { names: ['openat'], action: 'SCMP_ACT_TRAP' },
        { names: ['dup'], action: 'SCMP_ACT_ERRNO' },
        { names: ['dup3'], action: 'SCMP_ACT_ERRNO', errnoRet: 4094 },
        { names: ['fcntl'], action: 'SCMP_ACT_TRACE' },
        { names: ['ioctl'], action: 'SCMP_ACT_TRACE', errnoRet: 7 },
        { names: ['execve'], action: 'SCMP_ACT_LOG' },
      ]
      assertEquivalent(libseccomp, { ...profileOf(machine, rules), defaultAction: 'SCMP_ACT_ALLOW' }, machine)
    })

    test(`every other call: long jumps, ${machine}`, () => {
      const names =
        known(defaultSeccompProfile({ capabilities: [], architecture: machine }), machine).syscalls?.flatMap((rule) => rule.names) ?? []
      const rules = [...new Set(names)].map((name, index) => ({
        ...allow(name, { index: index % 6, value: index, op: 'SCMP_CMP_EQ' }),
        action: 'SCMP_ACT_ERRNO',
        errnoRet: (index % 100) + 1,
      }))
      assertEquivalent(
        libseccomp,
        profileOf(
          machine,
          rules.filter((_, index) => index % 2 === 0),
        ),
        machine,
      )
    })

    test(`only the machine's own architecture, ${machine}`, () => {
      const { architectures: _, ...profile } = profileOf(machine, [allow('read'), allow('socket')])
      assertEquivalent(libseccomp, profile, machine)
    })
  }

  test('sockets and System V IPC through socketcall and ipc', () => {
    const rules = [
      allow('accept'),
      allow('accept4'),
      allow('socket', { index: 0, value: 40, op: 'SCMP_CMP_NE' }, { index: 2, value: 6, op: 'SCMP_CMP_EQ' }),
      { names: ['semget', 'shmat', 'msgrcv'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
    ]
    assertEquivalent(libseccomp, profileOf('x64', rules), 'x64')
    const filter = compileSeccomp(profileOf('x64', rules), 'x64')
    assert.equal(runFilter(filter, { arch: I386, number: 102, args: [5n] }), ALLOW)
    assert.equal(runFilter(filter, { arch: I386, number: 117, args: [21n] }), 0x0005_000d)
  })

  test('without x32, its numbers are a foreign architecture', () => {
    const profile = { ...profileOf('x64', [allow('read')]), architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] }
    assertEquivalent(libseccomp, profile, 'x64')
    assert.equal(runFilter(compileSeccomp(profile, 'x64'), { arch: X86_64, number: 0x4000_0000 }), KILL_THREAD)
  })
})

describe('calls newer than the profile', () => {
  test('answer ENOSYS, and known ones that are refused EPERM', () => {
    const filter = compileSeccomp(profileOf('x64', [allow('read'), allow('openat2')]), 'x64')
    assert.equal(runFilter(filter, { arch: X86_64, number: 437 }), ALLOW)
    assert.equal(runFilter(filter, { arch: X86_64, number: 436 }), EPERM)
    assert.equal(runFilter(filter, { arch: X86_64, number: 438 }), ENOSYS)
    assert.equal(runFilter(filter, { arch: X86_64, number: 0x4000_0000 + 438 }), ENOSYS)
    assert.equal(runFilter(filter, { arch: I386, number: 438 }), ENOSYS)
  })

  for (const defaultAction of ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE']) {
    test(`are left to ${defaultAction}`, () => {
      const filter = compileSeccomp({ defaultAction, syscalls: [{ names: ['read'], action: 'SCMP_ACT_ERRNO' }] }, 'x64')
      assert.notEqual(runFilter(filter, { arch: X86_64, number: 438 }), ENOSYS)
    })
  }
})

describe('refused', () => {
  const refusals: readonly [string, SeccompProfile, RegExp][] = [
    ['to ask about everything', { defaultAction: 'SCMP_ACT_NOTIFY' }, /EINVAL.*the default action is SCMP_ACT_NOTIFY/],
    ['an unknown action', { defaultAction: 'SCMP_ACT_MAYBE' }, /EINVAL.*unknown action "SCMP_ACT_MAYBE"/],
    ['an unknown operator', profileOf('x64', [allow('read', { index: 0, value: 0, op: '==' })]), /EINVAL.*unknown operator "=="/],
    [
      'a seventh argument',
      profileOf('x64', [allow('read', { index: 6, value: 0, op: 'SCMP_CMP_EQ' })]),
      /EINVAL.*argument index 6, expected 0 to 5/,
    ],
    ['a negative value', profileOf('x64', [allow('read', { index: 0, value: -1, op: 'SCMP_CMP_EQ' })]), /EINVAL.*argument value -1/],
    [
      'an unknown architecture',
      { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_PDP11'] },
      /EINVAL.*unknown architecture "SCMP_ARCH_PDP11"/,
    ],
    ['an errno beyond the last', { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 4096 }, /EINVAL.*errnoRet 4096, expected 0 to 4095/],
    [
      'more than 4096 instructions',
      profileOf(
        'x64',
        Array.from({ length: 600 }, (_, value) => allow('read', { index: 0, value, op: 'SCMP_CMP_EQ' })),
      ),
      /E2BIG.*the kernel takes 4096/,
    ],
  ]
  for (const [what, profile, expected] of refusals) {
    test(what, () => {
      assert.throws(
        () => compileSeccomp(profile, 'x64'),
        (error) => error instanceof KernelError && expected.test(`${error.code} ${error.message}`),
      )
    })
  }
})

test('architectures of other machines and calls of none are passed over', () => {
  const profile = { ...profileOf('x64', [allow('read'), allow('no_such_call')]), architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_S390X'] }
  assert.deepEqual(compileSeccomp(profile, 'x64'), compileSeccomp({ ...profile, architectures: [], syscalls: [allow('read')] }, 'x64'))
})

function profileOf(machine: Machine, syscalls: readonly SeccompRule[]): SeccompProfile {
  return { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1, architectures: ARCHITECTURES[machine], syscalls }
}

function allow(name: string, ...args: SeccompArgument[]): SeccompRule {
  return { names: [name], action: 'SCMP_ACT_ALLOW', ...(args.length > 0 && { args }) }
}

/** Without the calls that this machine's libseccomp is too old for. */
function known(profile: SeccompProfile, machine: Machine): SeccompProfile {
  const knows = (name: string) => libseccomp.knows(name, machine)
  return { ...profile, syscalls: (profile.syscalls ?? []).map((rule) => ({ ...rule, names: rule.names.filter(knows) })) }
}
