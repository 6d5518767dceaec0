import { shown, slot, value } from '../operand.ts'
import { type LaunchProgram, reportDescriptor } from '../program.ts'

const F_DUPFD_CLOEXEC = 1030
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

/**
 * Moves the report descriptor to `lowest` or the first free number above it, so that its old number can be another's.
 * @see fcntl(2), F_DUPFD_CLOEXEC
 */
export function moveReport(program: LaunchProgram, lowest: number): void {
  const before = slot('report descriptor before')
  program
    .compare({ name: 'remember the report descriptor', a: value(reportDescriptor), b: 0, result: before })
    .row({
      name: `report by descriptor ${lowest} or above`,
      call: 'fcntl',
      args: [value(before), shown(F_DUPFD_CLOEXEC, 'F_DUPFD_CLOEXEC'), lowest],
      result: reportDescriptor,
    })
    .row({ name: 'close the report descriptor before', call: 'close', args: [value(before)] })
}
