import { readFileSync, writeFileSync } from 'node:fs'
import { decodeFailure, errnoNumber, errnoText, type LaunchFailure, type LaunchProgram } from '@gocker/kernel'
import type { RuntimePlace } from './home.ts'
import { STARTED } from './program/create-program.ts'
import { HOOK_FAILED } from './program/hooks.ts'

/** What can still fail when a container is started, by the numbers that the program tells. */
interface Rows {
  readonly first: number
  readonly rows: readonly (readonly [name: string, call: LaunchFailure['call']])[]
  /** The kind of record that tells of a hook; 0 where there is none. */
  readonly hookFailed: number
}

/** What a program tells to who starts it, instead of beginning the command. */
export type StartFailure =
  | { readonly type: 'row'; readonly failure: LaunchFailure }
  | { readonly type: 'hook'; readonly index: number; readonly status: number }

const RECORD_SIZE = 32

/** The program is forgotten when its maker ends, who starts it need not be the same. */
export function writeRows({ rows: file }: RuntimePlace, { rows, labels, reports }: LaunchProgram): void {
  const first = labels.get(STARTED) ?? 0
  const named = rows.slice(first).map((row): Rows['rows'][number] => [row.name, row.kind === 'call' ? row.call : 'exit_group'])
  const hookFailed = reports.findIndex(({ name }) => name === HOOK_FAILED) + 1
  writeFileSync(file, JSON.stringify({ first, rows: named, hookFailed } satisfies Rows), { mode: 0o600 })
}

/**
 * Reads what a program has told.
 * @returns undefined where it has told nothing: its command has begun
 */
export function readStartFailure({ rows: file }: RuntimePlace, told: Buffer): StartFailure | undefined {
  if (told.length < RECORD_SIZE) return undefined
  const { first, rows, hookFailed } = JSON.parse(readFileSync(file, 'utf8')) as Rows
  const record = told.subarray(0, RECORD_SIZE)
  if (hookFailed !== 0 && Number(record.readBigInt64LE(0)) === hookFailed)
    return { type: 'hook', index: Number(record.readBigInt64LE(8)), status: Number(record.readBigInt64LE(16)) }
  const { row = first, errno = 'EIO' } = decodeFailure(record) ?? {}
  const [name = 'begin the command', call = 'execve'] = rows[row - first] ?? []
  return { type: 'row', failure: { row, name, call, errno, text: `${name}: ${errno} (${errnoText(errnoNumber(errno) ?? 0)})` } }
}
