import { slot, value } from '@gocker/kernel'
import { EACCES } from './constants.ts'
import type { Plan } from './plan.ts'

const entered = slot('working directory entered')

/** As root: the user may stand in a directory that he may not look into. */
export function enterWorkdir({ program, spec }: Plan): void {
  const { cwd } = spec.process
  program.row({ name: `go to ${cwd}`, call: 'chdir', args: [cwd], result: entered, pass: ['EACCES'], isolates: 'working directory' })
}

/** Again as the user, where root is not let in: a network file system's. */
export function reenterWorkdir({ program, spec }: Plan): void {
  const { cwd } = spec.process
  program.compare({ name: `is it in ${cwd}?`, a: value(entered), b: -EACCES, onPositive: 'in the working directory' })
  program.row({ name: `go to ${cwd} as the user`, call: 'chdir', args: [cwd] })
  program.label('in the working directory')
}
