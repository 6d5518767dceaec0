import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LaunchExit, type LaunchOptions, launch } from './launch.ts'
import type { LaunchProgram } from './program.ts'
import type { LaunchMessage } from './report.ts'

export interface Outcome extends LaunchExit {
  readonly stdout: string
  readonly messages: readonly LaunchMessage[]
  /** The values of all reports, in order: `['started', 7]`. */
  readonly reports: readonly (readonly [name: string, ...values: number[]])[]
}

/** Runs a program to its end, for tests of what it does. */
export async function run(program: LaunchProgram, options: Partial<LaunchOptions> = {}): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-launch-'))
  const output = join(directory, 'stdout')
  const fd = openSync(output, 'w')
  const messages: LaunchMessage[] = []
  try {
    const launched = await launch(program, {
      title: 'gocker: test',
      stdio: ['ignore', fd, 'ignore'],
      onMessage: (message) => messages.push(message),
      ...options,
    })
    const exit = await launched.exited
    return { ...exit, messages, reports: messages.flatMap(reportOf), stdout: readFileSync(output, 'utf8') }
  } finally {
    closeSync(fd)
    rmSync(directory, { recursive: true })
  }
}

function reportOf(message: LaunchMessage): [string, ...number[]][] {
  return message.type === 'report' ? [[message.name, ...message.values.map(Number)]] : []
}
