import { at, type Operand, type Slot, shown, slot, struct } from '../operand.ts'
import type { LaunchProgram } from '../program.ts'

const CLOCK_REALTIME = 0
/** struct timespec */
const exitTime: Slot = slot('exit time', 16)

export interface ExitRecord {
  /** The descriptor of the exit file. */
  readonly file: Operand
  /** A raw wait status. */
  readonly status: Slot
}

/**
 * Writes three little-endian 64-bit words to a file: the raw wait status, and the time as seconds since 1970 and nanoseconds.
 * @see clock_gettime(2), writev(2)
 */
export function writeExitRecord(program: LaunchProgram, { file, status }: ExitRecord): void {
  const parts = [status, at(exitTime, 0), at(exitTime, 8)]
  program.row({ name: 'take the time', call: 'clock_gettime', args: [shown(CLOCK_REALTIME, 'CLOCK_REALTIME'), exitTime] }).row({
    name: 'write how and when it ended to the exit file',
    call: 'writev',
    args: [file, struct(parts.flatMap((part) => [part, 8])), parts.length],
  })
}
