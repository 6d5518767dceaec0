import { errnoNumber } from '../door/errno.ts'
import { KernelError } from '../error.ts'
import { type Operand, type Struct, struct, value, type Writable } from './operand.ts'
import type { CallName } from './syscall-numbers.ts'

/** The number of the descriptor that failures and reports are written to: 3, unless a row stores another here. */
export const reportDescriptor: Struct = struct([3], 'report descriptor')

interface Step {
  /** What is done with which, such as `mount proc on /proc`: a failure begins with it. */
  readonly name: string
  /** Where the result is stored; a failed call's is the negated errno. */
  readonly result?: Writable
  /** The label to go on at after a result above zero. */
  readonly onPositive?: string
  readonly onZero?: string
  /** The group of an explanation that begins here: what these rows are for, or what they isolate. */
  readonly isolates?: string
}

export interface CallStep extends Step {
  readonly call: CallName
  readonly args?: readonly Operand[]
  /** Errors that do not end the program: all, or these names; an errno above 63 cannot be told from others. */
  readonly pass?: 'any' | readonly string[]
  /** The label to go on at after an error that is passed over. */
  readonly onError?: string
  /** `<call>(2)` unless said otherwise. */
  readonly page?: string
}

/** Without a system call: the result is `a - b`, in 64 bits with a sign. */
export interface CompareStep extends Step {
  readonly a: Operand
  readonly b: Operand
  readonly onNegative?: string
}

export type Row = ({ readonly kind: 'call' } & CallStep) | ({ readonly kind: 'compare' } & CompareStep)

/** A kind of record that the program reports: its number on the wire is its place in the list, from 1. */
export interface ReportKind {
  readonly name: string
  readonly count: number
}

const GIVEN_BACK = { rows: 'rows', constant: 'texts', initialised: 'structures' } as const
const ARGUMENTS = 6
const REPORT_VALUES = 3
const FIRST_EXTRA_DESCRIPTOR = 4

/**
 * A program of system calls, one row each, walked from the first row on; behind the last row it exits with 0.
 * A row whose error is not passed over is reported, and ends the process that walked it with status 127.
 */
export class LaunchProgram {
  readonly rows: Row[] = []
  /** Name to the index of the row that it stands before. */
  readonly labels = new Map<string, number>()
  readonly reports: ReportKind[] = []
  /** Names of the descriptors that the program is started with beside 0 to 2 and the report; the first is 4. */
  readonly descriptors: string[] = []

  /** @throws {KernelError} `EINVAL` */
  row(step: CallStep): this {
    const { args = [], pass = [], name } = step
    if (args.length > ARGUMENTS) throw invalid(name, `a system call has at most ${ARGUMENTS} arguments`)
    if (step.onError !== undefined && step.pass === undefined) throw invalid(name, 'onError needs to be told what to pass over')
    const nameless = pass === 'any' ? undefined : pass.find((error) => (errnoNumber(error) ?? 64) > 63)
    if (nameless !== undefined) throw invalid(name, `${nameless} is no error of a number below 64`)
    this.rows.push({ kind: 'call', ...step })
    return this
  }

  compare(step: CompareStep): this {
    this.rows.push({ kind: 'compare', ...step })
    return this
  }

  jump(label: string): this {
    return this.compare({ name: `go to "${label}"`, a: 0, b: 0, onZero: label })
  }

  /**
   * The next row can be gone to by this name.
   * @throws {KernelError} `EINVAL` for a name that is taken
   */
  label(name: string): this {
    if (this.labels.has(name)) throw invalid(`label ${name}`, 'it is there already')
    this.labels.set(name, this.rows.length)
    return this
  }

  /** A label like `name` that is still free, for fragments that may be used twice. */
  freshLabel(name: string): string {
    const taken = new Set([...this.labels.keys(), ...this.rows.flatMap(targets)])
    let label = name
    for (let count = 2; taken.has(label); count++) label = `${name} ${count}`
    return label
  }

  /**
   * A row that tells gocker `kind` with up to three words of memory. Nobody may be listening any more: errors are passed
   * over, and where SIGPIPE is blocked (`blockSignals`) the program lives on.
   * @throws {KernelError} `EINVAL`
   */
  report(kind: string, values: readonly Writable[] = []): this {
    if (values.length > REPORT_VALUES) throw invalid(`report ${kind}`, `a record has room for ${REPORT_VALUES} values`)
    const words = [struct([this.#reportKind(kind, values.length)]), ...values]
    while (words.length <= REPORT_VALUES) words.push(struct([0]))
    const iovec = struct(
      words.flatMap((word) => [word, 8]),
      `record ${kind}`,
    )
    return this.row({ name: `report ${kind}`, call: 'writev', args: [value(reportDescriptor), iovec, words.length], pass: 'any' })
  }

  /** The number, in the program, of the descriptor that `launch` is given by this name. */
  descriptor(name: string): number {
    const known = this.descriptors.indexOf(name)
    return FIRST_EXTRA_DESCRIPTOR + (known >= 0 ? known : this.descriptors.push(name) - 1)
  }

  /**
   * Gives back the memory of the rows from a label on and of what only they refer to, for a process that does not walk them.
   * @see munmap(2)
   */
  giveBack(from: string): this {
    for (const area of ['rows', 'constant', 'initialised'] as const) {
      const args: Operand[] = (['address', 'size'] as const).map((part) => ({ kind: 'extent', of: area, from, part }))
      // There may be no whole page of it.
      this.row({ name: `give back the ${GIVEN_BACK[area]} of "${from}"`, call: 'munmap', args, pass: ['EINVAL'] })
    }
    return this
  }

  #reportKind(name: string, count: number): number {
    const known = this.reports.findIndex((report) => report.name === name)
    if (known < 0) return this.reports.push({ name, count })
    if (this.reports[known]?.count !== count) throw invalid(`report ${name}`, 'it has another number of values elsewhere')
    return known + 1
  }
}

/** What a row passes, in order. */
export function operandsOf(row: Row): readonly Operand[] {
  return row.kind === 'call' ? (row.args ?? []) : [row.a, row.b]
}

/** The labels that a row may go to. */
export function targets(row: Row): string[] {
  return [row.onPositive, row.onZero, row.kind === 'call' ? row.onError : row.onNegative].filter((label) => label !== undefined)
}

export function invalid(what: string, why: string): KernelError {
  return new KernelError('EINVAL', `planning ${what}: ${why}`, { syscall: 'launch' })
}
