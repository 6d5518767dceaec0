import { type ExactDeviceRule, exactRules } from '../device-rules.ts'
import type { DeviceRule } from '../resources.ts'

/**
 * The program that decides about each use of a device inside a cgroup of v2: 1 is yes, 0 is no. It is given three
 * words: `access << 16 | kind`, major and minor. Of the rules that match, the last one counts, for each of `rwm` by itself; so the
 * rules are asked from the last to the first, and what is granted is struck from what is wanted. What no rule grants is denied.
 * @returns instructions of 8 bytes
 * @see https://docs.kernel.org/bpf/standardization/instruction-set.html
 * @see include/uapi/linux/bpf.h, struct bpf_cgroup_dev_ctx
 */
export function deviceProgram(rules: readonly DeviceRule[]): Buffer {
  const relevant = afterLastCatchAll(exactRules(rules)).toReversed()
  return Buffer.concat([...prologue(), ...relevant.flatMap(ruleBlock), ...verdict(0)])
}

const CONTEXT = 1
const VERDICT = 0
const KIND = 2
const WANTED = 3
const MAJOR = 4
const MINOR = 5

const KINDS = { b: 1, c: 2 } as const
const ACCESSES = { m: 1, r: 2, w: 4 } as const
const EVERY_ACCESS = 7

const OPCODE = {
  loadWord: 0x61,
  and: 0x54,
  shiftRight: 0x74,
  set: 0xb7,
  setFrom: 0xbf,
  jumpIfNot: 0x55,
  jumpIfNone: 0x15,
  exit: 0x95,
} as const

/** A rule for everything makes the rules before it void. */
function afterLastCatchAll(rules: readonly ExactDeviceRule[]): readonly ExactDeviceRule[] {
  const last = rules.findLastIndex(({ type }) => type === 'a')
  return rules.slice(Math.max(last, 0))
}

function prologue(): Buffer[] {
  return [
    instruction(OPCODE.loadWord, { to: KIND, from: CONTEXT, offset: 0 }),
    instruction(OPCODE.setFrom, { to: WANTED, from: KIND }),
    instruction(OPCODE.and, { to: KIND, value: 0xffff }),
    instruction(OPCODE.shiftRight, { to: WANTED, value: 16 }),
    instruction(OPCODE.loadWord, { to: MAJOR, from: CONTEXT, offset: 4 }),
    instruction(OPCODE.loadWord, { to: MINOR, from: CONTEXT, offset: 8 }),
  ]
}

function ruleBlock(rule: ExactDeviceRule): Buffer[] {
  const body = rule.allow ? grant(accessMask(rule)) : refuse(accessMask(rule))
  const tests = conditions(rule)
  // Each test that fails goes past the rest of the tests and the body.
  const jumps = tests.map(([register, value], index) =>
    instruction(OPCODE.jumpIfNot, { to: register, value, offset: tests.length - index - 1 + body.length }),
  )
  return [...jumps, ...body]
}

function conditions({ type, major, minor }: ExactDeviceRule): [register: number, value: number][] {
  if (type === 'a') return []
  const numbers: [number, number | undefined][] = [
    [KIND, KINDS[type]],
    [MAJOR, major],
    [MINOR, minor],
  ]
  return numbers.filter((each): each is [number, number] => each[1] !== undefined)
}

function grant(accesses: number): Buffer[] {
  const yes = verdict(1)
  return [
    instruction(OPCODE.and, { to: WANTED, value: EVERY_ACCESS & ~accesses }),
    instruction(OPCODE.jumpIfNot, { to: WANTED, value: 0, offset: yes.length }),
    ...yes,
  ]
}

function refuse(accesses: number): Buffer[] {
  const no = verdict(0)
  return [
    instruction(OPCODE.setFrom, { to: VERDICT, from: WANTED }),
    instruction(OPCODE.and, { to: VERDICT, value: accesses }),
    instruction(OPCODE.jumpIfNone, { to: VERDICT, value: 0, offset: no.length }),
    ...no,
  ]
}

function verdict(value: 0 | 1): Buffer[] {
  return [instruction(OPCODE.set, { to: VERDICT, value }), instruction(OPCODE.exit, {})]
}

function accessMask({ access }: ExactDeviceRule): number {
  return [...access].reduce((mask, letter) => mask | ACCESSES[letter as keyof typeof ACCESSES], 0)
}

interface Operands {
  readonly to?: number
  readonly from?: number
  readonly offset?: number
  readonly value?: number
}

function instruction(opcode: number, { to = 0, from = 0, offset = 0, value = 0 }: Operands): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt8(opcode, 0)
  bytes.writeUInt8((from << 4) | to, 1)
  bytes.writeInt16LE(offset, 2)
  bytes.writeInt32LE(value, 4)
  return bytes
}
