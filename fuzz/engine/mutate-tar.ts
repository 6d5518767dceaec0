import { type Mutating, mutateBytes } from './mutate-bytes.ts'
import type { Random } from './random.ts'

const BLOCK = 512
/** Where a header's fields are. @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
const FIELDS: readonly (readonly [at: number, length: number])[] = [
  ...([
    [0, 100],
    [100, 8],
    [108, 8],
    [116, 8],
    [124, 12],
    [136, 12],
    [156, 1],
    [157, 100],
  ] as const),
  ...([
    [257, 8],
    [329, 8],
    [337, 8],
    [345, 155],
    [386, 96],
    [482, 1],
    [483, 12],
    [500, 12],
  ] as const),
]
const CHECKSUM = 148
const NUMBERS = [
  '00000000000',
  '00000000001',
  '00000000777',
  '77777777777',
  '-0000000001',
  '           ',
  '\x80\0\0\0\0\0\0\0\0\0\x10',
  '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
]
const NAMES = [
  '../',
  '/',
  './',
  '..',
  '.',
  '',
  'a/',
  'a',
  '.wh.a',
  '.wh..wh..opq',
  'link/x',
  'a/../../x',
  '/etc/passwd',
  'a\0b',
  '//',
  'd/./e',
]
const TYPES = '0123456757gxLKSVDA\0Z'

/** Changes fields of headers, blocks and bodies; nearly always the checksums are right again, or nothing behind them would be reached. */
export function mutateTar(bytes: Buffer, mutating: Mutating): Buffer {
  const { random } = mutating
  let result = bytes
  for (let left = 1 + random.below(3); left > 0; left--) {
    const way = random.below(5)
    if (way === 0) result = mutateBytes(result, mutating)
    else if (way === 1) result = movedBlocks(result, random, mutating.other)
    else result = changedField(result, random, mutating)
  }
  if (random.oneIn(20)) return result
  return checked(result)
}

function changedField(bytes: Buffer, random: Random, mutating: Mutating): Buffer {
  const blocks = Math.floor(bytes.length / BLOCK)
  if (blocks === 0) return mutateBytes(bytes, mutating)
  const copy = Buffer.from(bytes)
  const header = random.below(blocks) * BLOCK
  const [at, length] = random.pick(FIELDS)
  const field = copy.subarray(header + at, header + at + length)
  const text = length === 1 ? random.pick([...TYPES]) : random.pick(length < 16 ? NUMBERS : NAMES)
  if (random.oneIn(4)) mutateBytes(field, mutating).copy(field)
  else field.fill(0).write(text, 'latin1')
  return copy
}

function movedBlocks(bytes: Buffer, random: Random, other: Buffer): Buffer {
  const from = random.oneIn(2) ? other : bytes
  const at = (source: Buffer) => random.below(Math.floor(source.length / BLOCK) + 1) * BLOCK
  const [start, place] = [at(from), at(bytes)]
  const moved = from.subarray(start, start + BLOCK * (1 + random.below(4)))
  return Buffer.concat([bytes.subarray(0, place), moved, bytes.subarray(random.oneIn(2) ? place : place + BLOCK)])
}

/** Every block that looks like a header gets the checksum that it should have. */
function checked(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  for (let at = 0; at + BLOCK <= copy.length; at += BLOCK) {
    const sum = copy.subarray(at + CHECKSUM, at + CHECKSUM + 8)
    if (!/^[0-7 \0]{6,8}$/.test(sum.toString('latin1')) || sum[0] === 0) continue
    sum.fill(0x20)
    let total = 0
    for (let byte = at; byte < at + BLOCK; byte++) total += copy[byte] as number
    sum.write(`${total.toString(8).padStart(6, '0')}\0 `, 'latin1')
  }
  return copy
}
