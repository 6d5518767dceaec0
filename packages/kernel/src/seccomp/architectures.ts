import { ARM, ARM_ABSENT } from './numbers/arm.ts'
import { ARM64 } from './numbers/arm64.ts'
import { X32_ABSENT, X32_MOVED } from './numbers/x32.ts'
import { X64 } from './numbers/x64.ts'
import { X86 } from './numbers/x86.ts'
import type { Machine } from './profile.ts'
import { invalidProfile } from './refusal.ts'

/** One set of system calls that a machine answers to. */
export interface Architecture {
  readonly name: string
  /** `AUDIT_ARCH_*`, as `seccomp_data.arch` has it. x32 says x86-64 and differs by the numbers alone. */
  readonly audit: number
  /** Whether an argument is one 32-bit word; filters compare no more than that, as libseccomp does. */
  readonly narrow: boolean
  /** Whether sockets and System V IPC also come through `socketcall` and `ipc`. */
  readonly multiplexes: boolean
  readonly numberOf: (name: string) => number | undefined
}

/** Set in every x32 system call's number. */
export const X32_BIT = 0x4000_0000

const DIGIT_NINE = 0x39
const X86_64_AUDIT = 0xc000_003e

const x64NumberOf = inTable(X64)
const x32MovedNumberOf = inTable(X32_MOVED)
const x32Absent = new Set(X32_ABSENT.split(' '))
const eabiNumberOf = inTable(ARM)

const OF_MACHINE: Readonly<Record<Machine, readonly Architecture[]>> = {
  x64: [
    { name: 'SCMP_ARCH_X86_64', audit: X86_64_AUDIT, narrow: false, multiplexes: false, numberOf: x64NumberOf },
    { name: 'SCMP_ARCH_X86', audit: 0x4000_0003, narrow: true, multiplexes: true, numberOf: inTable(X86) },
    { name: 'SCMP_ARCH_X32', audit: X86_64_AUDIT, narrow: true, multiplexes: false, numberOf: x32NumberOf },
  ],
  arm64: [
    { name: 'SCMP_ARCH_AARCH64', audit: 0xc000_00b7, narrow: false, multiplexes: false, numberOf: inTable(ARM64) },
    { name: 'SCMP_ARCH_ARM', audit: 0x4000_0028, narrow: true, multiplexes: false, numberOf: armNumberOf },
  ],
}

const ELSEWHERE = new Set(
  'LOONGARCH64 M68K MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PARISC PARISC64 PPC PPC64 PPC64LE RISCV64 S390 S390X SHEB SH'
    .split(' ')
    .map((name) => `SCMP_ARCH_${name}`),
)

/**
 * The architectures among those named that this machine can be called by, its own always and first. Those of other
 * machines are passed over: their calls cannot happen here.
 * @throws {KernelError} `EINVAL` for a name that libseccomp does not have either
 */
export function architecturesOf(machine: Machine, names: readonly string[]): Architecture[] {
  for (const name of names) checkArchitecture(name)
  return OF_MACHINE[machine].filter((architecture, position) => position === 0 || names.includes(architecture.name))
}

/** @throws {KernelError} `EINVAL` */
export function checkArchitecture(name: string): void {
  if (ELSEWHERE.has(name)) return
  if (Object.values(OF_MACHINE).some((architectures) => architectures.some((architecture) => architecture.name === name))) return
  throw invalidProfile(`unknown architecture ${JSON.stringify(name)}, expected SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64, ...`)
}

function x32NumberOf(name: string): number | undefined {
  const number = x32MovedNumberOf(name) ?? (x32Absent.has(name) ? undefined : x64NumberOf(name))
  return number === undefined ? undefined : number + X32_BIT
}

function armNumberOf(name: string): number | undefined {
  return name === ARM_ABSENT ? undefined : eabiNumberOf(name)
}

/** A number stands before the name that has it; the names after it count on. No name starts with a digit. */
function parseNumbers(table: string): Map<string, number> {
  const numbers = new Map<string, number>()
  let next = 0
  for (const word of table.trim().split(/\s+/)) {
    if (word.charCodeAt(0) <= DIGIT_NINE) next = Number(word)
    else numbers.set(word, next++)
  }
  return numbers
}

/** The table is read when the first name is looked up. */
function inTable(table: string): (name: string) => number | undefined {
  let numbers: Map<string, number> | undefined
  return (name) => {
    numbers ??= parseNumbers(table)
    return numbers.get(name)
  }
}
