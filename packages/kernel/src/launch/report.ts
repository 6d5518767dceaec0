import { errnoName, errnoText } from '../door/errno.ts'
import { KernelError } from '../error.ts'
import type { LaunchProgram } from './program.ts'
import { rowIndex } from './row-layout.ts'
import type { CallName } from './syscall-numbers.ts'

/** A row that failed, in whichever process walked it. */
export interface LaunchFailure {
  /** The row's index in the program, and its name. */
  readonly row: number
  readonly name: string
  readonly call: CallName
  /** The errno's name, such as `EPERM`. */
  readonly errno: string
  /** `mount proc on /proc: EPERM (operation not permitted)` */
  readonly text: string
}

export type LaunchMessage =
  | { readonly type: 'failure'; readonly failure: LaunchFailure }
  | { readonly type: 'report'; readonly name: string; readonly values: readonly bigint[] }

const WORD = 8
const RECORD_WORDS = 4
const RECORD_SIZE = RECORD_WORDS * WORD
const FAILURE = 0n

/** Makes messages of the bytes that a program writes to its report descriptor: records of four words. */
export class ReportReader {
  readonly #program: LaunchProgram
  #rest: Buffer = Buffer.alloc(0)

  constructor(program: LaunchProgram) {
    this.#program = program
  }

  /** The messages that `chunk` completes; what is left waits for the next chunk. */
  read(chunk: Buffer): LaunchMessage[] {
    const bytes = Buffer.concat([this.#rest, chunk])
    const complete = bytes.length - (bytes.length % RECORD_SIZE)
    this.#rest = bytes.subarray(complete)
    return Array.from({ length: complete / RECORD_SIZE }, (_, index) => this.#message(bytes.subarray(index * RECORD_SIZE)))
  }

  #message(record: Buffer): LaunchMessage {
    const [kind = FAILURE, ...values] = Array.from({ length: RECORD_WORDS }, (_, word) => record.readBigInt64LE(word * WORD))
    if (kind === FAILURE) return { type: 'failure', failure: this.#failure(values[0] ?? 0n, Number(values[1])) }
    const report = this.#program.reports[Number(kind) - 1]
    return { type: 'report', name: report?.name ?? `report ${kind}`, values: values.slice(0, report?.count) }
  }

  #failure(address: bigint, errno: number): LaunchFailure {
    const index = rowIndex(address)
    const row = this.#program.rows[index]
    const name = row?.name ?? 'end'
    const call = row?.kind === 'call' ? row.call : 'exit_group'
    return { row: index, name, call, errno: errnoName(errno), text: `${name}: ${errnoName(errno)} (${errnoText(errno)})` }
  }
}

/**
 * Reads what a row that fails writes to the program's report descriptor, for who knows the rows' names.
 * @returns undefined for what is no such record
 */
export function decodeFailure(record: Buffer): { readonly row: number; readonly errno: string } | undefined {
  if (record.length !== RECORD_SIZE) return undefined
  const [kind, address = 0n, errno = 0n, end] = Array.from({ length: RECORD_WORDS }, (_, word) => record.readBigInt64LE(word * WORD))
  const row = rowIndex(address)
  return kind === FAILURE && end === 0n && Number.isInteger(row) && row >= 0 ? { row, errno: errnoName(Number(errno)) } : undefined
}

export function failureError(failure: LaunchFailure): KernelError {
  return new KernelError(failure.errno, failure.text, { syscall: failure.call })
}
