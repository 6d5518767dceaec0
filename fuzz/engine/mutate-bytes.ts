import type { Random } from './random.ts'

export interface Mutating {
  readonly random: Random
  /** Words of the format, to be put in anywhere. */
  readonly words: readonly Buffer[]
  /** Something else that was of interest, to be mixed in. */
  readonly other: Buffer
}

/** Bytes at which readers take another way: ends of ranges, and what the formats use to divide. */
const TELLING = [0, 1, 0x0a, 0x20, 0x22, 0x24, 0x2f, 0x30, 0x37, 0x3a, 0x3d, 0x5c, 0x7f, 0x80, 0xff]

const WAYS: readonly ((bytes: Buffer, mutating: Mutating) => Buffer)[] = [
  (bytes, { random }) => changed(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, { random }) => changed(bytes, random, () => random.pick(TELLING)),
  (bytes, { random }) => changed(bytes, random, () => random.below(256)),
  (bytes, { random }) => changed(bytes, random, (byte) => byte + random.pick([-1, 1, -16, 16])),
  (bytes, { random }) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, { random }) => without(bytes, random),
  (bytes, { random }) => inserted(bytes, random, Buffer.alloc(1 + random.below(8), random.pick(TELLING))),
  (bytes, { random }) => inserted(bytes, random, piece(bytes, random)),
  (bytes, { random, other }) => inserted(bytes, random, piece(other, random)),
  (bytes, { random, other }) =>
    Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1))]),
  (bytes, { random, words }) => (words.length === 0 ? bytes : inserted(bytes, random, random.pick(words))),
  (bytes, { random, words }) => (words.length === 0 ? bytes : overwritten(bytes, random, random.pick(words))),
]

/** Something like it: one to four small changes. */
export function mutateBytes(bytes: Buffer, mutating: Mutating): Buffer {
  let result = bytes
  for (let left = 1 + mutating.random.below(4); left > 0; left--) result = mutating.random.pick(WAYS)(result, mutating)
  return result
}

function changed(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes)
  if (copy.length === 0) return copy
  const at = random.below(copy.length)
  copy[at] = change(copy[at] as number) & 0xff
  return copy
}

function piece(bytes: Buffer, random: Random): Buffer {
  const start = random.below(bytes.length + 1)
  return bytes.subarray(start, start + random.below(64))
}

function inserted(bytes: Buffer, random: Random, what: Buffer): Buffer {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)])
}

function overwritten(bytes: Buffer, random: Random, what: Buffer): Buffer {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at + what.length)])
}

function without(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(32))])
}
