import assert from 'node:assert/strict'
import { compileSeccomp } from '../compile.ts'
import type { Machine, SeccompArgument, SeccompProfile } from '../profile.ts'
import { type Call, runFilter } from './bpf-machine.ts'
import type { Libseccomp } from './libseccomp.ts'

const ENOSYS = 0x0005_0026
const X32_BIT = 0x4000_0000

/** Where an architecture's numbers start, and how the kernel names it. */
interface Space {
  readonly name: string
  readonly audit: number
  readonly base: number
  /** Numbers through which calls of others go. */
  readonly detours?: readonly number[]
}

const SPACES: Readonly<Record<Machine, readonly Space[]>> = {
  x64: [
    { name: 'SCMP_ARCH_X86_64', audit: 0xc000_003e, base: 0 },
    { name: 'SCMP_ARCH_X32', audit: 0xc000_003e, base: X32_BIT },
    { name: 'SCMP_ARCH_X86', audit: 0x4000_0003, base: 0, detours: [102, 117] },
  ],
  arm64: [
    { name: 'SCMP_ARCH_AARCH64', audit: 0xc000_00b7, base: 0 },
    { name: 'SCMP_ARCH_ARM', audit: 0x4000_0028, base: 0 },
  ],
}
const RISCV64: Space = { name: 'SCMP_ARCH_X86_64', audit: 0xc000_00f3, base: 0 }

/**
 * Asserts that our filter answers as libseccomp's for every architecture, every number up to 560 and at the edges, and
 * for arguments around every constant that the rules of a number name. Calls that the profile is too old for are ENOSYS
 * in ours alone: runc puts those before libseccomp's filter.
 */
export function assertEquivalent(libseccomp: Libseccomp, profile: SeccompProfile, machine: Machine): void {
  const ours = compileSeccomp(profile, machine)
  const theirs = libseccomp.compile(profile, machine)
  assert.equal(ours.length % 8, 0)
  for (const { name, audit, base, detours = [] } of [...SPACES[machine], RISCV64]) {
    const rules = argumentsByNumber(libseccomp, profile, name)
    const newest = Math.max(...rules.keys())
    const everything = [...rules.values()].flat()
    for (const number of interestingNumbers(base)) {
      for (const args of argumentSets(detours.includes(number) ? everything : (rules.get(number) ?? []))) {
        const call: Call = { arch: audit, number, args }
        const verdict = runFilter(ours, call)
        if (verdict === ENOSYS && number > newest) continue
        const expected = runFilter(theirs, call)
        if (verdict !== expected) assert.fail(describe(call, verdict, expected))
      }
    }
  }
}

function describe({ arch, number, args = [] }: Call, verdict: number, expected: number): string {
  const hex = (value: number | bigint) => `0x${value.toString(16)}`
  return `call ${number} of ${hex(arch)} with ${args.map(hex).join(', ')}: ${hex(verdict)}, and libseccomp says ${hex(expected)}`
}

/** The arguments that the rules compare, by the number of their call, negative where only a detour leads to it. */
function argumentsByNumber(
  libseccomp: Libseccomp,
  { syscalls = [] }: SeccompProfile,
  architecture: string,
): Map<number, SeccompArgument[]> {
  const found = new Map<number, SeccompArgument[]>()
  for (const { names, args = [] } of syscalls) {
    for (const name of names) {
      for (const number of libseccomp.numbers(architecture, name)) found.set(number, [...(found.get(number) ?? []), ...args])
    }
  }
  return found
}

function interestingNumbers(base: number): number[] {
  const low = Array.from({ length: 561 }, (_, number) => base + number)
  const arm = Array.from({ length: 8 }, (_, number) => 0xf_0000 + number)
  return [...low, ...(base === 0 ? arm : []), X32_BIT - 1, 0x7fff_ffff, 0xffff_fffe, 0xffff_ffff].filter((number) => number >= base)
}

/** Every argument through the values around its constants, while the others rest at one of several. */
function argumentSets(compared: readonly SeccompArgument[]): bigint[][] {
  const values = new Map<number, bigint[]>()
  for (const argument of compared) values.set(argument.index, [...(values.get(argument.index) ?? []), ...around(argument)])
  const zeros = [0n, 0n, 0n, 0n, 0n, 0n]
  const subFunctions = [...Array(26).keys()].map((value) => zeros.with(0, BigInt(value)))
  const bases = [0, 1, 2, 3].map((pick) => zeros.map((_, index) => values.get(index)?.[pick] ?? 0n))
  const sets = bases.flatMap((base) => [...values].flatMap(([index, known]) => known.map((value) => base.with(index, value))))
  return [...subFunctions, zeros.map(() => 0xffff_ffff_ffff_ffffn), ...sets]
}

/** The constant first; then its neighbours, other high words, and each bit of a mask flipped. */
function around({ value, valueTwo = 0, op }: SeccompArgument): bigint[] {
  const masked = op === 'SCMP_CMP_MASKED_EQ'
  const center = BigInt(masked ? valueTwo : value)
  const mask = masked ? BigInt(value) : 0n
  const bits = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)).filter((bit) => mask & bit)
  const offsets = [0n, 1n, -1n, 1n << 31n, 1n << 32n, -(1n << 32n), 0xffff_ffffn << 32n]
  const chosen = [...offsets.map((offset) => center + offset), ...[~mask, ...bits].map((flipped) => center ^ flipped), 0n, 0xffff_ffffn]
  return chosen.map((each) => BigInt.asUintN(64, each))
}
