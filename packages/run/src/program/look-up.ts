import { shown, slot, value } from '@gocker/kernel'
import { AT_FDCWD, EACCES } from './constants.ts'
import { EXECUTE, NOT_ALLOWED, NOT_FOUND, searchedDirectories } from './execute.ts'
import type { PlanWith } from './plan.ts'

const X_OK = shown(1, 'X_OK')
const AT_EACCESS = shown(0x200, 'AT_EACCESS')

/** Finds out whether the command is there and may be executed, for who wants to know before it is to begin. */
export function lookUp({ program, spec }: PlanWith): void {
  const { args, env } = spec.process
  const [command = ''] = args
  const isolates = 'the command: whether it is there'
  const look = (path: string) =>
    ({ name: `${EXECUTE}${path}`, call: 'faccessat2', args: [AT_FDCWD, path, X_OK, AT_EACCESS], isolates }) as const
  if (command.includes('/')) {
    program.row(look(command))
    return
  }
  const [denied, result] = [slot('denied'), slot('access')]
  for (const directory of searchedDirectories(env)) {
    const path = `${directory}/${command}`
    const next = `nothing at ${path}`
    program.row({ ...look(path), result, pass: ['ENOENT', 'ENOTDIR', 'EACCES'], onZero: 'there is a command' })
    program.compare({ name: 'was it there, but not to be executed?', a: value(result), b: -EACCES, onPositive: next, onNegative: next })
    program.compare({ name: 'remember that', a: 1, b: 0, result: denied })
    program.label(next)
  }
  program.compare({ name: 'was any of them there?', a: value(denied), b: 0, onPositive: 'there is none to be executed' })
  program.row({ name: NOT_FOUND, call: 'execve', args: ['', 0, 0] })
  program.label('there is none to be executed')
  program.row({ name: NOT_ALLOWED, call: 'execve', args: ['/', 0, 0] })
  program.label('there is a command')
}
