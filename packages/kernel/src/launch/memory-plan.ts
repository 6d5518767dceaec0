import type { Architecture } from './architecture.ts'
import {
  type Bytes,
  type Extent,
  isValue,
  type Memory,
  type Operand,
  type Slot,
  type Struct,
  sizeOf,
  slot,
  type Vector,
} from './operand.ts'
import { invalid, operandsOf, type Row, reportDescriptor } from './program.ts'
import { putWord, rowAddress, type Word } from './row-layout.ts'

/** Where the walker stores what no row asks for: it always stores. */
export const nowhere = slot('results that nobody asked for')

/** Where each area begins. */
export interface Bases {
  /** Texts, bytes and vectors. */
  readonly constant: number
  /** Structures. */
  readonly initialised: number
  /** Slots. */
  readonly zeroed: number
}

type AreaName = keyof Bases
type Placed = Bytes | Vector | Struct | Slot | string

interface Place {
  readonly area: AreaName
  readonly offset: number
}

const ALIGNMENT = 16
/** The largest that the kernel may have. */
const PAGES: Record<Architecture, number> = { x64: 0x1000, arm64: 0x10000 }

/**
 * Where everything lies that the rows of a program refer to. First everything is placed, which tells the
 * areas' sizes; then, with the areas' beginnings known, operands become numbers and areas become bytes.
 */
export class MemoryPlan {
  readonly sizes: Record<AreaName, number> = { constant: 0, initialised: 0, zeroed: 0 }
  readonly #places = new Map<Placed, Place>()
  readonly #slots = new Map<string, Slot>()
  readonly #architecture: Architecture
  readonly #labels: ReadonlyMap<string, number>
  /** The areas' sizes before each row was looked at. */
  readonly #sizesBefore: Readonly<Record<AreaName, number>>[] = []

  /** @throws {KernelError} `EINVAL` for a slot of two sizes, a text with a NUL */
  constructor(architecture: Architecture, rows: readonly Row[], labels: ReadonlyMap<string, number>) {
    this.#architecture = architecture
    this.#labels = labels
    for (const operand of [reportDescriptor, nowhere]) this.#place(operand)
    for (const row of rows) {
      this.#sizesBefore.push({ ...this.sizes })
      for (const operand of [...operandsOf(row), row.result ?? nowhere]) this.#place(operand)
    }
  }

  /** What the operand is as a number: for memory its address, for a value the address it is loaded from. */
  resolve(operand: Operand, bases: Bases): Word {
    if (typeof operand === 'number' || typeof operand === 'bigint') return operand
    if (typeof operand === 'string') return this.#address(operand, bases)
    switch (operand.kind) {
      case 'shown':
        return this.resolve(operand.operand, bases)
      case 'per-architecture':
        return operand[this.#architecture]
      case 'value':
        return this.resolve(operand.of, bases)
      case 'at':
        return this.#address(operand.base, bases) + operand.offset
      case 'extent':
        return this.#extent(operand, bases)
      default:
        return this.#address(operand, bases)
    }
  }

  /** Writes the content of an area to `bytes`, from its first byte on. */
  write(area: 'constant' | 'initialised', bytes: Buffer, bases: Bases): void {
    const halves = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
    for (const [memory, place] of this.#places) {
      if (place.area !== area) continue
      if (typeof memory === 'string') bytes.write(memory, place.offset)
      else if (memory.kind === 'bytes') bytes.set(memory.content, place.offset)
      else
        contentsOf(memory).forEach((word, index) => {
          putWord(halves, place.offset / 8 + index, this.resolve(word, bases))
        })
    }
  }

  /** Whole pages alone: the rest of one may be somebody else's. */
  #extent({ of, from, part }: Extent, bases: Bases): number {
    const page = PAGES[this.#architecture]
    const [begin, end] = this.#boundsOf(of, from, bases)
    const address = Math.ceil(begin / page) * page
    return part === 'address' ? address : Math.max(0, Math.floor(end / page) * page - address)
  }

  #boundsOf(of: Extent['of'], from: string, bases: Bases): [begin: number, end: number] {
    const index = this.#labels.get(from)
    const before = index === undefined ? undefined : this.#sizesBefore[index]
    if (index === undefined || before === undefined) throw invalid(`memory of ${JSON.stringify(from)}`, 'there is no such label')
    if (of === 'rows') return [rowAddress(index), bases.constant]
    if (of === 'initialised') return [bases.initialised + before.initialised, bases.zeroed]
    // Nothing follows in the last page.
    return [bases.constant + before.constant, bases.constant + this.sizes.constant + PAGES[this.#architecture]]
  }

  #place(operand: Operand): void {
    const memory = memoryOf(operand)
    if (memory === undefined || this.#places.has(this.#identity(memory))) return
    const { area, size } = extentOf(memory)
    this.#places.set(this.#identity(memory), { area, offset: this.sizes[area] })
    this.sizes[area] += Math.ceil(size / ALIGNMENT) * ALIGNMENT
    for (const content of contentsOf(memory)) this.#place(content)
  }

  #address(memory: Placed, bases: Bases): number {
    const place = this.#places.get(this.#identity(memory))
    if (place === undefined) throw invalid('memory', 'it is not part of any row')
    return bases[place.area] + place.offset
  }

  // Texts are the same by content, slots by name, all else by being the same object.
  #identity(memory: Placed): Placed {
    if (typeof memory === 'string' || memory.kind !== 'slot') return memory
    const known = this.#slots.get(memory.name) ?? memory
    if (known.size !== memory.size)
      throw invalid(`slot ${memory.name}`, `it has ${known.size} bytes in one place and ${memory.size} in another`)
    this.#slots.set(memory.name, known)
    return known
  }
}

function memoryOf(operand: Operand): Placed | undefined {
  if (typeof operand === 'string') return checkedText(operand)
  if (typeof operand !== 'object' || operand.kind === 'per-architecture' || operand.kind === 'extent') return undefined
  if (operand.kind === 'shown') return memoryOf(operand.operand)
  const memory: Memory = operand.kind === 'value' ? operand.of : operand
  return memory.kind === 'at' ? memory.base : memory
}

function checkedText(text: string): string {
  if (text.includes('\0')) throw invalid(`text ${JSON.stringify(text)}`, 'it has a NUL inside, and would end there')
  return text
}

function extentOf(memory: Placed): { area: AreaName; size: number } {
  if (typeof memory === 'string') return { area: 'constant', size: Buffer.byteLength(memory) + 1 }
  if (memory.kind === 'vector') return { area: 'constant', size: 8 * (memory.items.length + 1) }
  const area = ({ bytes: 'constant', struct: 'initialised', slot: 'zeroed' } as const)[memory.kind]
  return { area, size: sizeOf(memory) }
}

function contentsOf(memory: Placed): readonly Operand[] {
  if (typeof memory === 'string' || memory.kind === 'bytes' || memory.kind === 'slot') return []
  if (memory.kind === 'vector') return memory.items
  if (memory.words.some(isValue)) throw invalid('a structure', 'its words are fixed: what is known only at run time is stored by a row')
  return memory.words
}
