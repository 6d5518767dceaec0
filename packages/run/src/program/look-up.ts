import { shown } from '@gocker/kernel'
import { AT_FDCWD } from './constants.ts'
import { EXECUTE, searchPath } from './execute.ts'
import type { PlanWith } from './plan.ts'

const X_OK = shown(1, 'X_OK')
const AT_EACCESS = shown(0x200, 'AT_EACCESS')

/** Finds out whether the command is there and may be executed, for who wants to know before it is to begin. */
export function lookUp(plan: PlanWith): void {
  const { program, spec } = plan
  const [command = ''] = spec.process.args
  const isolates = 'the command: whether it is there'
  const attempt = (path: string) =>
    ({ name: `${EXECUTE}${path}`, call: 'faccessat2', args: [AT_FDCWD, path, X_OK, AT_EACCESS], isolates }) as const
  const found = 'there is a command'
  // Where the filter of system calls is older than this one, only executing the command tells.
  program.row({ ...attempt('/'), name: 'see whether that can be asked', pass: ['EPERM', 'ENOSYS'], onError: found })
  if (command.includes('/')) program.row(attempt(command))
  else searchPath(plan, (path) => ({ ...attempt(path), onZero: found }))
  program.label(found)
}
