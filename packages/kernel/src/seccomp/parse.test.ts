import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KernelError } from '../error.ts'
import type { SeccompHost } from './conditional-profile.ts'
import { parseSeccompProfile } from './parse.ts'

const HOST: SeccompHost = { capabilities: ['CAP_CHOWN', 'CAP_SYS_TIME'], architecture: 'x64', kernel: '5.10.0-8-amd64' }
const READ = { names: ['read'], action: 'SCMP_ACT_ALLOW' }

describe('a profile of docker', () => {
  test('takes the architectures of the machine from its map', () => {
    const archMap = [
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
      { architecture: 'SCMP_ARCH_S390X', subArchitectures: null },
    ]
    const profile = { defaultAction: 'SCMP_ACT_ERRNO', archMap, syscalls: [] }
    assert.deepEqual(parseSeccompProfile(profile, HOST).architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'])
    assert.deepEqual(parseSeccompProfile(profile, { ...HOST, architecture: 'arm64' }).architectures, ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'])
  })

  const conditions: readonly [string, object, boolean][] = [
    ['no condition', {}, true],
    ['empty conditions', { includes: {}, excludes: {} }, true],
    ['null conditions', { includes: null, args: null, comment: null }, true],
    ['a capability it has', { includes: { caps: ['CAP_SYS_TIME'] } }, true],
    ['one capability of two', { includes: { caps: ['CAP_SYS_TIME', 'CAP_BPF'] } }, false],
    ['a capability it must not have', { excludes: { caps: ['CAP_BPF', 'CAP_SYS_TIME'] } }, false],
    ['its machine', { includes: { arches: ['amd64', 'x32'] } }, true],
    ['another machine', { includes: { arches: ['arm64'] } }, false],
    ['not its machine', { excludes: { arches: ['amd64'] } }, false],
    ['an older kernel', { includes: { minKernel: '4.8' } }, true],
    ['its kernel', { includes: { minKernel: '5.10' } }, true],
    ['a newer kernel', { includes: { minKernel: '5.11' } }, false],
    ['no kernel so new', { excludes: { minKernel: '5.9' } }, false],
    ['one thing wanted and another not', { includes: { caps: ['CAP_CHOWN'] }, excludes: { caps: ['CAP_BPF'] } }, true],
  ]
  for (const [what, fields, applies] of conditions) {
    test(`a rule that wants ${what} ${applies ? 'applies' : 'does not apply'}`, () => {
      const profile = parseSeccompProfile({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ ...READ, ...fields }] }, HOST)
      assert.deepEqual(profile.syscalls, applies ? [READ] : [])
    })
  }

  test('may name a single call, as old ones do', () => {
    const profile = parseSeccompProfile(
      '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"name": "read", "action": "SCMP_ACT_ALLOW"}]}',
      HOST,
    )
    assert.deepEqual(profile.syscalls, [READ])
  })
})

test('a profile of the runtime spec comes out as it is', () => {
  const profile = {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 38,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_PPC64LE'],
    flags: ['SECCOMP_FILTER_FLAG_LOG'],
    syscalls: [
      {
        names: ['clone', 'no_such_call'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: 22,
        args: [{ index: 0, value: 0xf_ffff_0000_0000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
    ],
  }
  assert.deepEqual(parseSeccompProfile(JSON.stringify(profile), HOST), profile)
})

describe('what is wrong is said with its place', () => {
  const rule = (fields: object) => ({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [READ, { ...READ, ...fields }] })
  const wrong: readonly [string | object, RegExp][] = [
    ['{"defaultAction": ', /no JSON: /],
    ['[]', /an array, expected an object/],
    ['{}', /defaultAction: missing, expected a string/],
    [{ defaultAction: 7 }, /defaultAction: a number, expected a string/],
    [{ defaultAction: 'SCMP_ACT_MAYBE' }, /defaultAction: unknown action "SCMP_ACT_MAYBE"/],
    [{ defaultAction: 'SCMP_ACT_ERRNO', syscalls: {} }, /syscalls: an object, expected an array/],
    [{ defaultAction: 'SCMP_ACT_ERRNO', architectures: ['x86'] }, /unknown architecture "x86"/],
    [{ defaultAction: 'SCMP_ACT_ERRNO', archMap: [{ architecture: 'x86' }] }, /archMap\[0\]: unknown architecture "x86"/],
    [{ defaultAction: 'SCMP_ACT_ERRNO', flags: ['FAST'] }, /unknown flag "FAST"/],
    [
      { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86'], archMap: [{ architecture: 'SCMP_ARCH_X86_64' }] },
      /both architectures and archMap are given/,
    ],
    [rule({ names: 'read' }), /syscalls\[1\]\.names: a string, expected an array of strings/],
    [rule({ names: [] }), /syscalls\[1\]: no names/],
    [rule({ name: 'write' }), /syscalls\[1\]: both name and names/],
    [rule({ action: undefined }), /syscalls\[1\]\.action: missing/],
    [rule({ action: 'ALLOW' }), /syscalls\[1\]\.action: unknown action "ALLOW"/],
    [rule({ action: 'SCMP_ACT_NOTIFY' }), /syscalls\[1\]\.action: SCMP_ACT_NOTIFY needs an agent/],
    [rule({ action: 'SCMP_ACT_ERRNO', errnoRet: 5000 }), /syscalls\[1\]\.action: errnoRet 5000/],
    [rule({ args: [{ index: 0, value: 1, op: 'EQ' }] }), /syscalls\[1\]\.args: unknown operator "EQ"/],
    [rule({ args: [{ index: 9, value: 1, op: 'SCMP_CMP_EQ' }] }), /syscalls\[1\]\.args: argument index 9/],
    [rule({ args: [{ index: 0, op: 'SCMP_CMP_EQ' }] }), /syscalls\[1\]\.args\[0\]\.value: missing, expected a number/],
    [rule({ includes: { minKernel: '4' } }), /syscalls\[1\]\.includes\.minKernel: minKernel "4", expected <version>\.<major>/],
    [
      rule({ args: [{ index: 0, value: 2 ** 53, op: 'SCMP_CMP_EQ' }] }),
      /syscalls\[1\]\.args\[0\]\.value: 9007199254740992, expected an integer below/,
    ],
    [rule({ args: [{ index: 0, value: 1.5, op: 'SCMP_CMP_EQ' }] }), /syscalls\[1\]\.args\[0\]\.value: 1.5, expected an integer/],
  ]
  for (const [profile, expected] of wrong) {
    test(expected.source, () => {
      assert.throws(
        () => parseSeccompProfile(profile, HOST),
        (error) =>
          error instanceof KernelError && error.message.startsWith('reading the seccomp profile: ') && expected.test(error.message),
      )
    })
  }
})
