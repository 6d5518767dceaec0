import { errnoNumber } from '../door/errno.ts'
import type { Architecture } from './architecture.ts'
import { type Bases, type MemoryPlan, nowhere } from './memory-plan.ts'
import { isValue, type Operand } from './operand.ts'
import { type CallStep, invalid, operandsOf, type Row } from './program.ts'
import { COMPARE, PASS_ANY, putWord, ROW_SIZE, ROW_WORDS, rowAddress, type Word } from './row-layout.ts'
import { callNumber } from './syscall-numbers.ts'

/** What the operands and labels of a row become. */
export interface RowTarget {
  readonly labels: ReadonlyMap<string, number>
  readonly plan: MemoryPlan
  readonly bases: Bases
  readonly architecture: Architecture
}

/** Writes the thirteen words of a row, which is the `index`th, to `words`. Both architectures are little-endian, as whoever runs this. */
export function encodeRow(row: Row, index: number, words: Int32Array, target: RowTarget): void {
  const start = (index * ROW_SIZE) / 8
  const put = (word: number, content: Word) => putWord(words, start + word, content)
  const operands = operandsOf(row)
  const branch = (label: string | undefined) => rowAddress(label === undefined ? index + 1 : labelled(label, row, target))
  put(ROW_WORDS.number, row.kind === 'call' ? callNumber(row.call, target.architecture) : COMPARE)
  operands.forEach((operand, argument) => {
    put(ROW_WORDS.firstArgument + argument, target.plan.resolve(operand, target.bases))
  })
  put(ROW_WORDS.indirect, indirectMask(operands))
  put(ROW_WORDS.result, target.plan.resolve(row.result ?? nowhere, target.bases))
  put(ROW_WORDS.pass, row.kind === 'call' ? passMask(row.pass) : PASS_ANY)
  put(ROW_WORDS.onError, branch(row.kind === 'call' ? row.onError : row.onNegative))
  put(ROW_WORDS.onPositive, branch(row.onPositive))
  put(ROW_WORDS.onZero, branch(row.onZero))
}

function labelled(label: string, row: Row, { labels }: RowTarget): number {
  const index = labels.get(label)
  if (index === undefined) throw invalid(row.name, `it goes to ${JSON.stringify(label)}, and there is no such label`)
  return index
}

// Bit n stands for word n of the row.
function indirectMask(operands: readonly Operand[]): number {
  return operands.reduce<number>(
    (mask, operand, argument) => (isValue(operand) ? mask | (1 << (ROW_WORDS.firstArgument + argument)) : mask),
    0,
  )
}

function passMask(pass: CallStep['pass'] = []): Word {
  if (pass === 'any') return PASS_ANY
  if (pass.length === 0) return 0
  return pass.reduce((mask, name) => mask | (1n << BigInt(errnoNumber(name) ?? 0)), 0n)
}
