import type { Memory, Operand, Writable } from './operand.ts'

const LONGEST_TEXT = 160
const SMALL_NUMBER = 0x10000

/** An operand in the manner of C: texts quoted, `&slot` for an address, `slot` for what is in it. */
export function showOperand(operand: Operand): string {
  if (typeof operand === 'number' || typeof operand === 'bigint') return showNumber(operand)
  if (typeof operand === 'string') return showText(operand)
  switch (operand.kind) {
    case 'shown':
      return operand.text
    case 'per-architecture':
      return operand.x64 === operand.arm64
        ? showNumber(operand.x64)
        : `(x64: ${showNumber(operand.x64)}, arm64: ${showNumber(operand.arm64)})`
    case 'value':
      return showContent(operand.of)
    case 'extent':
      return operand.part === 'address' ? `<pages from "${operand.from}" on>` : '<their size>'
    default:
      return showMemory(operand)
  }
}

/** Where a result goes. */
export function showTarget(target: Writable): string {
  return showContent(target)
}

function showContent(memory: Memory): string {
  const name = memory.kind === 'slot' || memory.kind === 'struct' ? memory.name : undefined
  return name === undefined ? `*(${showMemory(memory)})` : identifier(name)
}

function showMemory(memory: Memory): string {
  switch (memory.kind) {
    case 'slot':
      return `&${identifier(memory.name)}`
    case 'at':
      return `${showMemory(memory.base)}${memory.offset === 0 ? '' : ` + ${memory.offset}`}`
    case 'bytes':
      return `<${memory.content.length} bytes>`
    case 'vector':
      return `[${memory.items.map(showOperand).join(', ')}]`
    case 'struct':
      if (memory.name !== undefined) return `&${identifier(memory.name)}`
      return `{${memory.words.map(showOperand).join(', ')}}`
  }
}

function showNumber(number: number | bigint): string {
  return number >= SMALL_NUMBER ? `0x${number.toString(16)}` : `${number}`
}

function showText(text: string): string {
  if (text.length <= LONGEST_TEXT) return JSON.stringify(text)
  return `${JSON.stringify(text.slice(0, LONGEST_TEXT))}... (${Buffer.byteLength(text)} bytes)`
}

function identifier(name: string): string {
  return name.replaceAll(' ', '_')
}
