import { at, type CompareStep, type LaunchProgram, type Operand, type Struct, shown, struct } from '@gocker/kernel'

const POLLIN = 1n
/** poll(2) passes over a descriptor below zero. */
const NOBODY = shown(0xffff_ffff, '{-1}')

/**
 * The array of struct pollfd that a launch program waits with: each entry is one word, the descriptor below, what is waited for above it,
 * and what has happened in the uppermost bits.
 * @see poll(2)
 */
export class PollSet {
  readonly entries: Struct
  readonly count: number
  readonly #names: readonly string[]
  readonly #descriptors: readonly number[]

  /** @param descriptors by name; each is waited for until something can be read */
  constructor(descriptors: Readonly<Record<string, number>>) {
    this.#names = Object.keys(descriptors)
    this.#descriptors = Object.values(descriptors)
    this.count = this.#names.length
    this.entries = struct(this.#descriptors.map(waitingFor), 'what is waited for')
  }

  /** Goes on at `label` where something has happened to a descriptor, or there is nothing to wait for any more and nothing has. */
  onEvent(program: LaunchProgram, name: string, label: string): void {
    const entry = at(this.entries, this.#offsetOf(name))
    const step: CompareStep = {
      name: `is there news of ${name}?`,
      a: { kind: 'value', of: entry },
      b: this.#quiet(name),
      onPositive: label,
    }
    program.compare(step)
  }

  /** From now on this one is waited for again. */
  takeIn(program: LaunchProgram, name: string): void {
    program.compare({ name: `wait for ${name}`, a: this.#quiet(name), b: 0, result: at(this.entries, this.#offsetOf(name)) })
  }

  /** From now on this one is not waited for. */
  leaveOut(program: LaunchProgram, name: string): void {
    program.compare({ name: `wait for ${name} no more`, a: NOBODY, b: 0, result: at(this.entries, this.#offsetOf(name)) })
  }

  #quiet(name: string): Operand {
    const descriptor = this.#descriptors[this.#names.indexOf(name)] ?? 0
    return shown(waitingFor(descriptor), `{${descriptor}, POLLIN}`)
  }

  #offsetOf(name: string): number {
    return 8 * this.#names.indexOf(name)
  }
}

function waitingFor(descriptor: number): bigint {
  return BigInt(descriptor) | (POLLIN << 32n)
}
