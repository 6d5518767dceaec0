import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Koffi from 'koffi'
import { actionValue } from '../actions.ts'
import { architecturesOf } from '../architectures.ts'
import type { Machine, SeccompArgument, SeccompProfile } from '../profile.ts'

const COMPARE = ['SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ']
const UNKNOWN = -1

const TOKENS: Readonly<Record<string, number>> = {
  SCMP_ARCH_X86_64: 0xc000_003e,
  SCMP_ARCH_X86: 0x4000_0003,
  SCMP_ARCH_X32: 0x4000_003e,
  SCMP_ARCH_AARCH64: 0xc000_00b7,
  SCMP_ARCH_ARM: 0x4000_0028,
}

const NATIVE: Readonly<Record<Machine, string>> = { x64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' }

/** The system's libseccomp, asked for the same filter as runc would ask it. */
export class Libseccomp {
  readonly #init: (action: number) => unknown
  readonly #release: (filter: unknown) => void
  readonly #archAdd: (filter: unknown, arch: number) => number
  readonly #archRemove: (filter: unknown, arch: number) => number
  readonly #resolve: (name: string) => number
  readonly #resolveFor: (arch: number, name: string) => number
  readonly #ruleAdd: (filter: unknown, action: number, call: number, count: number, args: Buffer | null) => number
  readonly #exportBpf: (filter: unknown, fd: number) => number

  constructor() {
    const library = (createRequire(import.meta.url)('koffi') as typeof Koffi).load('libseccomp.so.2')
    this.#init = library.func('void *seccomp_init(uint32_t action)')
    this.#release = library.func('void seccomp_release(void *filter)')
    this.#archAdd = library.func('int seccomp_arch_add(void *filter, uint32_t arch)')
    this.#archRemove = library.func('int seccomp_arch_remove(void *filter, uint32_t arch)')
    this.#resolve = library.func('int seccomp_syscall_resolve_name(const char *name)')
    this.#resolveFor = library.func('int seccomp_syscall_resolve_name_arch(uint32_t arch, const char *name)')
    this.#ruleAdd = library.func('int seccomp_rule_add_array(void *filter, uint32_t action, int call, unsigned int count, void *args)')
    this.#exportBpf = library.func('int seccomp_export_bpf(void *filter, int fd)')
  }

  /** Whether this version of the library has the call wherever we have it. */
  knows(name: string, machine: Machine): boolean {
    return architecturesOf(machine, Object.keys(TOKENS)).every(
      ({ name: architecture, numberOf }) => numberOf(name) === undefined || this.numbers(architecture, name).length > 0,
    )
  }

  /** A call's number, if the architecture has it; one of those that 32-bit x86 has twice is negative here, so ours stands in. */
  numbers(architecture: string, name: string): number[] {
    const number = this.#resolveFor(TOKENS[architecture] as number, name)
    if (number >= 0) return [number]
    const direct = architecture === 'SCMP_ARCH_X86' && number !== UNKNOWN ? i386NumberOf(name) : undefined
    return direct === undefined ? [] : [direct]
  }

  /** The filter for a profile; its architectures stand for the machine's, which need not be this one. */
  compile(profile: SeccompProfile, machine: Machine): Buffer {
    const filter = this.#init(actionValue(profile.defaultAction, profile.defaultErrnoRet))
    try {
      this.#setArchitectures(filter, new Set([NATIVE[machine], ...(profile.architectures ?? [])]))
      this.#addRules(filter, profile)
      return this.#export(filter)
    } finally {
      this.#release(filter)
    }
  }

  // The library starts with this machine's own.
  #setArchitectures(filter: unknown, names: ReadonlySet<string>): void {
    const hosts = TOKENS[process.arch === 'x64' ? 'SCMP_ARCH_X86_64' : 'SCMP_ARCH_AARCH64'] as number
    for (const name of names) {
      const token = TOKENS[name] as number
      if (token !== hosts) succeed(`seccomp_arch_add ${name}`, this.#archAdd(filter, token))
    }
    if (![...names].some((name) => TOKENS[name] === hosts)) succeed('seccomp_arch_remove', this.#archRemove(filter, hosts))
  }

  #addRules(filter: unknown, { syscalls = [], defaultAction, defaultErrnoRet }: SeccompProfile): void {
    for (const { names, action, errnoRet, args = [] } of syscalls) {
      const value = actionValue(action, errnoRet)
      if (value === actionValue(defaultAction, defaultErrnoRet)) continue
      const repeated = new Set(args.map(({ index }) => index)).size < args.length
      for (const name of names) {
        const call = this.#resolve(name)
        if (call === UNKNOWN) continue
        for (const set of repeated ? args.map((argument) => [argument]) : [args]) {
          succeed(`seccomp_rule_add ${name}`, this.#ruleAdd(filter, value, call, set.length, encode(set)))
        }
      }
    }
  }

  #export(filter: unknown): Buffer {
    const directory = mkdtempSync(join(tmpdir(), 'gocker-libseccomp-'))
    try {
      const path = join(directory, 'filter')
      const fd = openSync(path, 'w')
      const result = this.#exportBpf(filter, fd)
      closeSync(fd)
      succeed('seccomp_export_bpf', result)
      return readFileSync(path)
    } finally {
      rmSync(directory, { recursive: true })
    }
  }
}

/** `struct scmp_arg_cmp[]` */
function encode(args: readonly SeccompArgument[]): Buffer | null {
  if (args.length === 0) return null
  const bytes = Buffer.alloc(args.length * 24)
  for (const [position, { index, op, value, valueTwo = 0 }] of args.entries()) {
    bytes.writeUInt32LE(index, position * 24)
    bytes.writeUInt32LE(COMPARE.indexOf(op) + 1, position * 24 + 4)
    bytes.writeBigUInt64LE(BigInt(value), position * 24 + 8)
    bytes.writeBigUInt64LE(BigInt(valueTwo), position * 24 + 16)
  }
  return bytes
}

function succeed(what: string, result: number): void {
  if (result < 0) throw new Error(`${what}: ${result}`)
}

function i386NumberOf(name: string): number | undefined {
  return architecturesOf('x64', ['SCMP_ARCH_X86'])[1]?.numberOf(name)
}
