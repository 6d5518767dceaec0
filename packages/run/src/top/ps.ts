import type { ExecFileException } from 'node:child_process'
import { RunError } from '../error.ts'
import type { ProcessTable } from './top.ts'

/**
 * The lines of the host's ps(1) that are about certain processes.
 * @throws {RunError} `UNSUPPORTED`, `INVALID_OPTION`
 */
export async function psTable(pids: readonly number[], options: readonly string[]): Promise<ProcessTable> {
  return selectProcesses(await psOutput(options), pids, options)
}

/** @param output of ps, with its titles */
export function selectProcesses(output: string, pids: readonly number[], options: readonly string[]): ProcessTable {
  const [titles = [], ...rows] = output
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/))
  const column = titles.indexOf('PID')
  if (column < 0) throw failed(options, 'its output does not say the PID', 'add pid to the columns: -o pid,args')
  const wanted = new Set(pids.map(String))
  const own = rows.filter((cells) => wanted.has(cells[column] ?? ''))
  // What is last may have spaces in it.
  return { titles, rows: own.map((cells) => [...cells.slice(0, titles.length - 1), cells.slice(titles.length - 1).join(' ')]) }
}

async function psOutput(options: readonly string[]): Promise<string> {
  // Only here: most commands would load it in vain.
  const { execFile } = await import('node:child_process')
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  execFile('ps', options, { env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
    if (error === null) resolve(stdout)
    else reject(psFailed(error, options, stderr))
  })
  return await promise
}

function psFailed(cause: ExecFileException, options: readonly string[], stderr: string): RunError {
  if (cause.code === 'ENOENT')
    return new RunError('UNSUPPORTED', 'running ps with options: this machine has no ps', { cause, hint: 'leave out the options' })
  return failed(options, stderr.trim().split('\n')[0] || 'it failed')
}

function failed(options: readonly string[], why: string, hint?: string): RunError {
  return new RunError('INVALID_OPTION', `running ps ${options.join(' ')}: ${why}`, hint === undefined ? {} : { hint })
}
