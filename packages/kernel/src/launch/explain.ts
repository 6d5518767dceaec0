import { showOperand, showTarget } from './explain-operand.ts'
import type { Operand } from './operand.ts'
import { type CallStep, type CompareStep, type LaunchProgram, operandsOf, type Row } from './program.ts'

const WIDTH = 100
const NAME_WIDTH = 70

/**
 * A program as a text to learn from: its rows in groups, numbered, each with its system call, the page of the
 * manual, and where it goes when. Lines end in a newline; there is no colour in it.
 */
export function explainProgram(program: LaunchProgram): string {
  const labels = labelsByRow(program)
  const numberWidth = String(program.rows.length).length
  const lines = program.rows.flatMap((row, index) => [
    ...explainGroup(row, index, program.rows),
    ...(labels.get(index) ?? []).map((label) => `${label}:`),
    ...explainRow(row, `${index + 1}`.padStart(numberWidth + 2)),
  ])
  const ends = (labels.get(program.rows.length) ?? []).flatMap((label) => [`${label}:`, '  the program ends'])
  return [...lines, ...ends].map((line) => `${line}\n`).join('')
}

function labelsByRow({ labels }: LaunchProgram): Map<number, string[]> {
  const byRow = new Map<number, string[]>()
  for (const [label, index] of labels) byRow.set(index, [...(byRow.get(index) ?? []), label])
  return byRow
}

function explainGroup({ isolates }: Row, index: number, rows: readonly Row[]): string[] {
  const current = rows.slice(0, index).findLast((row) => row.isolates !== undefined)?.isolates
  if (isolates === undefined || isolates === current) return []
  return [...(index === 0 ? [] : ['']), isolates, '']
}

function explainRow(row: Row, number: string): string[] {
  const indent = ' '.repeat(number.length + 4)
  const page = row.kind === 'call' ? (row.page ?? `${row.call}(2)`) : ''
  const title = `${number}  ${row.name.padEnd(NAME_WIDTH)}  ${page}`.trimEnd()
  const details = row.kind === 'call' ? [...explainCall(row), ...explainErrors(row)] : explainCompare(row)
  return [title, ...[...details, ...explainBranches(row)].map((line) => `${indent}${line}`)]
}

function explainCall(row: CallStep & { kind: 'call' }): string[] {
  const beginning = `${row.result === undefined ? '' : `${showTarget(row.result)} = `}${row.call}(`
  const operands = operandsOf(row).map(showOperand)
  const line = `${beginning}${operands.join(', ')})`
  if (line.length <= WIDTH) return [line]
  return [beginning, ...operands.map((operand, index) => `  ${operand}${index < operands.length - 1 ? ',' : ')'}`)]
}

function explainErrors({ pass, onError }: CallStep): string[] {
  if (pass === undefined) return []
  const errors = pass === 'any' ? 'any error' : pass.join(', ')
  return [onError === undefined ? `on ${errors}: go on` : `on ${errors}: go to "${onError}"`]
}

function explainCompare({ a, b, result }: CompareStep): string[] {
  if (result === undefined) return typeof a === 'number' && a === b ? [] : [`compare ${showOperand(a)} with ${showOperand(b)}`]
  return [`${showTarget(result)} = ${showOperand(a)}${showSubtraction(b)}`]
}

function showSubtraction(b: Operand): string {
  if (b === 0) return ''
  return typeof b === 'number' && b < 0 ? ` + ${-b}` : ` - ${showOperand(b)}`
}

// A jump is a comparison of equal numbers: its name says where it goes.
function explainBranches(row: Row): string[] {
  const compared = row.kind === 'compare' && row.result === undefined
  if (compared && explainCompare(row).length === 0) return []
  const [negative, zero, positive] = compared ? ['less', 'equal', 'greater'] : ['below zero', 'zero', 'above zero']
  return [
    [negative, row.kind === 'compare' ? row.onNegative : undefined],
    [zero, row.onZero],
    [positive, row.onPositive],
  ].flatMap(([when, label]) => (label === undefined ? [] : [`${when}: go to "${label}"`]))
}
