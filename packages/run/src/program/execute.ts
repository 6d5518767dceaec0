import { closeOnExec, resetSignals, slot, value, vector } from '@gocker/kernel'
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
 * @param first the first descriptor that the command does not get
 */
export function execute(plan: PlanWith, first = 3): void {
  const { program, spec } = plan
  const { args, user } = spec.process
  const [command = ''] = args
  program.row({ name: 'make files as usual', call: 'umask', args: [user.umask ?? DEFAULT_UMASK], isolates: 'the command' })
  resetSignals(program)
  closeOnExec(program, first)
  if (command.includes('/')) executePath(plan, command)
  else searchPath(plan, command)
}

function executePath({ program, spec }: PlanWith, path: string): void {
  program.row({ name: `${EXECUTE}${path}`, call: 'execve', args: [path, vector(spec.process.args), vector(spec.process.env)] })
}

/** As execvp(3): one that may not be executed is remembered, and the search goes on. */
function searchPath({ program, spec }: PlanWith, command: string): void {
  const { args, env } = spec.process
  const denied = slot('denied')
  const result = slot('execve')
  for (const directory of searchedDirectories(env)) {
    const path = `${directory}/${command}`
    const next = `not ${path}`
    program.row({
      name: `${EXECUTE}${path}`,
      call: 'execve',
      args: [path, vector(args), vector(env)],
      result,
      pass: ['ENOENT', 'ENOTDIR', 'EACCES'],
    })
    program.compare({ name: 'was it there, but not to be executed?', a: value(result), b: -EACCES, onPositive: next, onNegative: next })
    program.compare({ name: 'remember that', a: 1, b: 0, result: denied })
    program.label(next)
  }
  program.compare({ name: 'was any of them there?', a: value(denied), b: 0, onPositive: 'not allowed' })
  program.row({ name: NOT_FOUND, call: 'execve', args: ['', 0, 0] })
  program.label('not allowed')
  // A directory cannot be executed: this ends with the errno that was remembered.
  program.row({ name: NOT_ALLOWED, call: 'execve', args: ['/', 0, 0] })
}

/** The container's PATH; what is not absolute would be looked for in the working directory, and is not. */
export function searchedDirectories(env: readonly string[]): string[] {
  const path = env.find((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH
  return [...new Set(path.split(':'))].filter((directory) => directory.startsWith('/'))
}
