import { arm64Stub } from '../stub/arm64.ts'
import { x64Stub } from '../stub/x64.ts'
import type { Architecture } from './architecture.ts'
import { encodeElf, headersSize, LARGEST_PAGE, type Segment } from './elf.ts'
import { encodeRow } from './encode-row.ts'
import { type Bases, MemoryPlan } from './memory-plan.ts'
import { type LaunchProgram, type Row, reportDescriptor } from './program.ts'
import { ROW_SIZE, ROWS_PREFIX_ADDRESS, ROWS_PREFIX_SIZE } from './row-layout.ts'

const STUBS: Record<Architecture, Uint8Array> = { x64: x64Stub, arm64: arm64Stub }
const PAGE = 0x1000
const CODE_ADDRESS = 0x1000_0000
const WRITABLE_ADDRESS = 0x3000_0000
const SEGMENTS = 3

const END: Row = { kind: 'call', name: 'end', call: 'exit_group', args: [0] }

interface Layout {
  readonly rowsSize: number
  readonly constantSize: number
  readonly writableOffset: number
  readonly bases: Bases
}

/**
 * A program as a static executable: the walker, the rows, and all that they refer to.
 * @throws {KernelError} `EINVAL` for a label that is nowhere, a slot of two sizes, a text with a NUL
 */
export function encodeProgram(program: LaunchProgram, architecture: Architecture): Buffer {
  const rows = [...program.rows, END]
  const plan = new MemoryPlan(architecture, rows, program.labels)
  const layout = layOut(plan, rows.length)
  const target = { labels: program.labels, plan, architecture, bases: layout.bases }
  const words = new Int32Array((rows.length * ROW_SIZE) / 4)
  rows.forEach((row, index) => {
    encodeRow(row, index, words, target)
  })
  return encodeElf(architecture, CODE_ADDRESS + headersSize(SEGMENTS), [
    codeSegment(architecture),
    constantSegment(words, plan, layout),
    writableSegment(plan, layout),
  ])
}

// In the file: a page of headers and code, the constant pages, the writable pages.
function layOut({ sizes }: MemoryPlan, rowCount: number): Layout {
  const rowsSize = align(ROWS_PREFIX_SIZE + rowCount * ROW_SIZE, 16)
  const constantSize = rowsSize + sizes.constant
  const writableOffset = align(PAGE + constantSize, PAGE)
  const initialised = WRITABLE_ADDRESS + (writableOffset % LARGEST_PAGE)
  const bases = { constant: ROWS_PREFIX_ADDRESS + rowsSize, initialised, zeroed: initialised + sizes.initialised }
  return { rowsSize, constantSize, writableOffset, bases }
}

// The headers are loaded with the code: one page for both.
function codeSegment(architecture: Architecture): Segment {
  const content = Buffer.concat([Buffer.alloc(headersSize(SEGMENTS)), STUBS[architecture]])
  return { access: 'code', address: CODE_ADDRESS, fileOffset: 0, content, memorySize: content.length }
}

function constantSegment(rows: Int32Array, plan: MemoryPlan, layout: Layout): Segment {
  const content = Buffer.alloc(layout.constantSize)
  content.writeUInt32LE(Number(plan.resolve(reportDescriptor, layout.bases)))
  content.set(new Uint8Array(rows.buffer), ROWS_PREFIX_SIZE)
  plan.write('constant', content.subarray(layout.rowsSize), layout.bases)
  return { access: 'constant', address: ROWS_PREFIX_ADDRESS, fileOffset: PAGE, content, memorySize: content.length }
}

function writableSegment(plan: MemoryPlan, { bases, writableOffset }: Layout): Segment {
  const content = Buffer.alloc(plan.sizes.initialised)
  plan.write('initialised', content, bases)
  return {
    access: 'writable',
    address: bases.initialised,
    fileOffset: writableOffset,
    content,
    memorySize: plan.sizes.initialised + plan.sizes.zeroed,
  }
}

function align(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit
}
