import { shown } from '../operand.ts'
import type { LaunchProgram } from '../program.ts'

const CLOSE_RANGE_CLOEXEC = 4
const LAST_DESCRIPTOR = 0xffff_ffff

/**
 * Closes every descriptor from `first` on when something is executed, and not before: a failure to execute can still be reported.
 * @see close_range(2)
 */
export function closeOnExec(program: LaunchProgram, first = 3): void {
  program.row({
    name: `close every descriptor from ${first} on when the command is executed`,
    call: 'close_range',
    args: [first, shown(LAST_DESCRIPTOR, '~0'), shown(CLOSE_RANGE_CLOEXEC, 'CLOSE_RANGE_CLOEXEC')],
  })
}
