import { CLONE_FLAGS } from '../../door/namespaces.ts'
import { signalNumber } from '../../door/signals.ts'
import { type Slot, shown } from '../operand.ts'
import type { LaunchProgram } from '../program.ts'

export interface Fork {
  readonly name: string
  /** Names of CLONE_FLAGS: the namespaces that the child gets of its own, ... */
  readonly flags?: readonly (keyof typeof CLONE_FLAGS)[]
  /** Where the parent finds the child's pid. */
  readonly pid: Slot
  /** The label at which the child begins; the parent goes on with the next row. */
  readonly child: string
  readonly isolates?: string
}

/**
 * A second process, with a copy of the program and its slots. (With CLONE_VM they are shared: only together
 * with CLONE_VFORK, which lets the parent wait until the child executes something or ends.)
 * @see clone(2)
 */
export function fork(program: LaunchProgram, { name, flags = [], pid, child, isolates }: Fork): void {
  const bits = flags.reduce((all, flag) => all | CLONE_FLAGS[flag], signalNumber('SIGCHLD'))
  program.row({
    name,
    call: 'clone',
    // x64 and arm64 take the last two in different orders, so that they have to be zero.
    args: [shown(bits, [...flags, 'SIGCHLD'].join('|')), 0, 0, 0, 0],
    result: pid,
    onZero: child,
    ...(isolates === undefined ? {} : { isolates }),
  })
}
