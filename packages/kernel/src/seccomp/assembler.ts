/** How many instructions stand from a place to the program's end. */
export type Label = number

const WORDS = 2
const REACH = 254

const LOAD_WORD = 0x20
const AND = 0x54
const JUMP = 0x05
const RETURN = 0x06

/** Comparisons of the accumulator with a constant, unsigned. */
export const TESTS = { equal: 0x15, greater: 0x25, atLeast: 0x35 } as const

/**
 * A BPF program written from its end to its start: BPF jumps forward only, so every place that is jumped to is known
 * when the jump is written.
 *
 * The few instructions here are those that the kernel can run ahead of time to find the calls that are always allowed
 * (`seccomp_is_const_allow`); they then cost no filter at all.
 * @see https://docs.kernel.org/networking/filter.html
 */
export class Assembler {
  readonly #code: number[] = []
  readonly #constants: number[] = []
  readonly #returns = new Map<number, Label>()

  get length(): number {
    return this.#code.length
  }

  return(value: number): Label {
    const before = this.#returns.get(value)
    if (before !== undefined && this.#reaches(before)) return before
    const label = this.#push(RETURN, value)
    this.#returns.set(value, label)
    return label
  }

  /** Loads the word at an offset of `seccomp_data`, then goes on at `next`. */
  load(offset: number, next: Label): Label {
    this.#goOnAt(next)
    return this.#push(LOAD_WORD, offset)
  }

  and(mask: number, next: Label): Label {
    this.#goOnAt(next)
    return this.#push(AND, mask)
  }

  test(code: number, constant: number, yes: Label, no: Label): Label {
    const nearYes = this.#bringNear(yes)
    const nearNo = this.#bringNear(no)
    return this.#push(code | ((this.length - nearYes) << 16) | ((this.length - nearNo) << 24), constant)
  }

  /** As `struct sock_filter[]`: code, jump if true, jump if false, constant; both machines are little-endian. */
  finish(): Buffer {
    const program = new Uint32Array(this.length * WORDS)
    for (let at = 0, index = this.length - 1; index >= 0; index--) {
      program[at++] = this.#code[index] ?? 0
      program[at++] = this.#constants[index] ?? 0
    }
    return Buffer.from(program.buffer)
  }

  #push(code: number, constant: number): Label {
    this.#code.push(code)
    this.#constants.push(constant)
    return this.length
  }

  #goOnAt(label: Label): void {
    if (label !== this.length) this.#push(JUMP, this.length - label)
  }

  // A test skips 255 instructions at most; one of them may be the jump that helps its other side.
  #bringNear(label: Label): Label {
    return this.#reaches(label) ? label : this.#push(JUMP, this.length - label)
  }

  #reaches(label: Label): boolean {
    return this.length - label <= REACH
  }
}
