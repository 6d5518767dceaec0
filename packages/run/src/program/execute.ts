import { type CallStep, closeOnExec, resetSignals, slot, value, vector } from '@gocker/kernel'
import { DEFAULT_PATH } from '../spec/environment.ts'
import { EACCES } from './constants.ts'
import type { PlanWith } from './plan.ts'

/** Names of the rows in which a command turns out not to be there, or not to be one. */
export const EXECUTE = 'execute '
export const NOT_FOUND = 'find the command in PATH'
export const NOT_ALLOWED = 'execute the command'

const DEFAULT_UMASK = 0o022

/**
 * The command takes the place of this program: nothing of gocker is left in its process.
 * @param options.closes whether descriptors from 3 on are still to be closed: a filter of system calls may be older than what closes them
 */
export function execute(plan: PlanWith, { closes = true }: { closes?: boolean } = {}): void {
  const { program, spec } = plan
  const { args, user } = spec.process
  const [command = ''] = args
  program.row({ name: 'make files as usual', call: 'umask', args: [user.umask ?? DEFAULT_UMASK], isolates: 'the command' })
  resetSignals(program)
  if (closes) closeOnExec(program)
  const attempt = (path: string) =>
    ({ name: `${EXECUTE}${path}`, call: 'execve', args: [path, vector(args), vector(spec.process.env)] }) as const
  if (command.includes('/')) program.row(attempt(command))
  else searchPath(plan, attempt)
}

/**
 * As execvp(3): what may not be executed is remembered, and the search goes on. Behind these rows nothing was found.
 * @param attempt the row that tries a path, and does not come back or goes on elsewhere where it is one to be executed
 */
export function searchPath({ program, spec }: PlanWith, attempt: (path: string) => CallStep): void {
  const { args, env } = spec.process
  const [denied, result] = [slot('denied'), slot('tried')]
  for (const directory of searchedDirectories(env)) {
    const path = `${directory}/${args[0]}`
    const row = attempt(path)
    const next = `${row.call} is not for ${path}`
    program.row({ ...row, result, pass: ['ENOENT', 'ENOTDIR', 'EACCES'] })
    program.compare({ name: 'was it there, but not to be executed?', a: value(result), b: -EACCES, onPositive: next, onNegative: next })
    program.compare({ name: 'remember that', a: 1, b: 0, result: denied })
    program.label(next)
  }
  const { call } = attempt('')
  program.compare({ name: 'was any of them there?', a: value(denied), b: 0, onPositive: `${call}: not allowed` })
  program.row({ name: NOT_FOUND, call: 'execve', args: ['', 0, 0] })
  program.label(`${call}: not allowed`)
  // A directory cannot be executed: this ends with the errno that was remembered.
  program.row({ name: NOT_ALLOWED, call: 'execve', args: ['/', 0, 0] })
}

/** The container's PATH; what is not absolute would be looked for in the working directory, and is not. */
function searchedDirectories(env: readonly string[]): string[] {
  const path = env.find((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH
  return [...new Set(path.split(':'))].filter((directory) => directory.startsWith('/'))
}
