import { KernelError } from '../error.ts'

/**
 * What a row passes to its system call: a number; the address of a text (a string stands for itself,
 * NUL-terminated); the address of other memory; or what memory holds when the row is walked.
 */
export type Operand = number | bigint | string | Memory | Value | Shown | PerArchitecture | Extent

/** Something in the program's memory; as an operand, its address. */
export type Memory = Bytes | Vector | Struct | Slot | At

/** What may be written to while the program runs. */
export type Writable = Struct | Slot | At

export interface Bytes {
  readonly kind: 'bytes'
  readonly content: Uint8Array
}

export interface Vector {
  readonly kind: 'vector'
  readonly items: readonly (string | Memory)[]
}

export interface Struct {
  readonly kind: 'struct'
  readonly words: readonly Operand[]
  readonly name: string | undefined
}

export interface Slot {
  readonly kind: 'slot'
  readonly name: string
  readonly size: number
}

export interface At {
  readonly kind: 'at'
  readonly base: Bytes | Struct | Slot
  readonly offset: number
}

export interface Value {
  readonly kind: 'value'
  readonly of: Memory
}

export interface Shown {
  readonly kind: 'shown'
  readonly operand: Exclude<Operand, Shown>
  readonly text: string
}

export interface PerArchitecture {
  readonly kind: 'per-architecture'
  readonly x64: number | bigint
  readonly arm64: number | bigint
}

/** Where the whole pages begin, or how many bytes they are, that only rows from a label on need: the rows themselves, or what they refer to. */
export interface Extent {
  readonly kind: 'extent'
  readonly of: 'rows' | 'constant' | 'initialised'
  readonly from: string
  readonly part: 'address' | 'size'
}

/** Read-only memory with these bytes. */
export function bytes(content: Uint8Array): Bytes {
  return { kind: 'bytes', content }
}

/** A NULL-terminated array of pointers, as execve(2) takes them. */
export function vector(items: readonly (string | Memory)[]): Vector {
  return { kind: 'vector', items }
}

/**
 * 64-bit words, each a number or the address of something: an iovec, a msghdr, an attribute of clone3.
 * The kernel and other rows may write to it. Every call makes a structure of its own; a name is for explanations only.
 */
export function struct(words: readonly Operand[], name?: string): Struct {
  return { kind: 'struct', words, name }
}

/**
 * Zeroed memory with a name; the same name is the same memory in all of a program.
 * A result of 32 bits (a wait status, a tid) needs 8 bytes all the same: they are read as one word.
 */
export function slot(name: string, size = 8): Slot {
  return { kind: 'slot', name, size: Math.ceil(size / 8) * 8 }
}

/** The memory `offset` bytes behind the beginning of `base`; need not be aligned. */
export function at(base: Bytes | Struct | Slot, offset: number): At {
  if (offset >= 0 && offset < sizeOf(base)) return { kind: 'at', base, offset }
  throw new KernelError('EINVAL', `taking byte ${offset} of a ${base.kind}: it has ${sizeOf(base)}`, { syscall: 'launch' })
}

/** The 64 bits that are in `of` when the row is walked. */
export function value(of: Memory): Value {
  return { kind: 'value', of }
}

/** An operand with the text that stands for it in an explanation: `shown(0x20000, 'CLONE_NEWNS')`. */
export function shown(operand: Exclude<Operand, Shown>, text: string): Shown {
  return { kind: 'shown', operand, text }
}

/** A number that Linux defines differently, such as O_DIRECTORY. */
export function perArchitecture(numbers: { x64: number | bigint; arm64: number | bigint }): PerArchitecture {
  return { kind: 'per-architecture', ...numbers }
}

export function sizeOf(memory: Bytes | Struct | Slot): number {
  if (memory.kind === 'slot') return memory.size
  return memory.kind === 'bytes' ? memory.content.length : memory.words.length * 8
}

export function isValue(operand: Operand): boolean {
  if (typeof operand !== 'object') return false
  return operand.kind === 'shown' ? isValue(operand.operand) : operand.kind === 'value'
}
