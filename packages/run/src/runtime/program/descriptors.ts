import { reportDescriptor, shown, value, type Writable } from '@gocker/kernel'
import { O_CLOEXEC } from '../../program/constants.ts'
import type { PlanWith } from '../../program/plan.ts'
import type { AgentDescriptors } from './ask-agent.ts'
import { DESCRIPTORS } from './plan.ts'

/** The first descriptor that is not stdio. */
const FIRST = 3
const REPORT = 3
const LAST = shown(0xffff_ffff, '~0')
const CLOEXEC = shown(O_CLOEXEC, 'O_CLOEXEC')
/** Between the descriptors that the program is given and where it keeps some: the tie is made there. */
const ROOM = 8

/** How the program calls the caller's descriptors from 3 on that the command gets. */
export function preservedDescriptor(index: number): string {
  return `descriptor ${FIRST + index} of the caller`
}

/**
 * Which descriptors the program is given, where it keeps those that it needs until the command begins, and that the command gets none but its
 * own: the caller's from 3 on, as many as were asked for.
 */
export class Descriptors {
  readonly #program: PlanWith['program']
  readonly #preserved: number
  readonly #kept: readonly string[]
  readonly #base: number

  /**
   * @param options.preserved how many of the caller's descriptors from 3 on the command gets
   * @param options.kept what is needed after all else was closed
   * @param options.early what is not
   */
  constructor(program: PlanWith['program'], { preserved, kept, early }: DescriptorOptions) {
    this.#program = program
    this.#preserved = preserved
    this.#kept = kept
    // The caller's first: each then only moves down, into a place that was taken before.
    const names = [...Array.from({ length: preserved }, (_, index) => preservedDescriptor(index)), ...kept, ...early]
    for (const name of names) program.descriptor(name)
    this.#base = FIRST + 1 + names.length + ROOM
  }

  /** The first number that the command does not get. */
  get end(): number {
    return FIRST + this.#preserved
  }

  /** The number of one that is kept, once all else was closed. */
  kept(name: string): number {
    return this.#base + 1 + this.#kept.indexOf(name)
  }

  /** What an agent is told by, where that is kept. */
  forAgent(noticeSize: number): AgentDescriptors {
    return { agent: this.kept(DESCRIPTORS.agent), notice: this.kept(DESCRIPTORS.notice), noticeSize }
  }

  /** The number of one that is kept beside them, once all else was closed. */
  held(index: number): number {
    return this.#base + 1 + this.#kept.length + index
  }

  /**
   * Everything but these goes, before a path of the image's or the user's is looked up again (CVE-2024-21626).
   * @param held where the numbers are that the program itself has opened and still needs
   */
  closeOthers(held: readonly Writable[]): void {
    const program = this.#program
    const move = { call: 'dup3', isolates: 'descriptors: none of the host' } as const
    const report = this.#base
    program.row({ ...move, name: 'report by another descriptor', args: [REPORT, report, CLOEXEC], result: reportDescriptor })
    for (const name of this.#kept)
      program.row({ ...move, name: `keep the ${name}`, args: [program.descriptor(name), this.kept(name), CLOEXEC] })
    for (const [index, end] of held.entries())
      program.row({ ...move, name: 'keep an end of the tie', args: [value(end), this.held(index), CLOEXEC] })
    for (let index = 0; index < this.#preserved; index++) {
      const name = preservedDescriptor(index)
      program.row({ ...move, name: `keep ${name}`, args: [program.descriptor(name), FIRST + index, 0] })
    }
    program.row({ name: 'close what was taken from the host', call: 'close_range', args: [this.end, report - 1, 0] })
    program.row({ name: 'close it above what is kept, too', call: 'close_range', args: [this.held(held.length), LAST, 0] })
  }

  /** Tells by another descriptor from now on what fails. */
  reportTo(descriptor: Writable): void {
    this.#program.row({ name: 'tell failures to who starts it', call: 'dup3', args: [value(descriptor), this.#base, CLOEXEC] })
  }
}

interface DescriptorOptions {
  readonly preserved: number
  readonly kept: readonly string[]
  readonly early: readonly string[]
}
