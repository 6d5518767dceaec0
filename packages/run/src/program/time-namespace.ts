import { slot, value } from '@gocker/kernel'
import { AT_FDCWD, cloneFlags, TO_WRITE } from './constants.ts'
import type { Plan } from './plan.ts'

/**
 * Clocks of its own, which begin where it was asked for. Before the first process is made: it is the first one that is in the namespace,
 * and the clocks cannot be set any more once it is there.
 * @see time_namespaces(7)
 */
export function ownTimeNamespace({ program, spec }: Plan): void {
  if (!spec.linux.namespaces.some(({ type, path }) => type === 'time' && path === undefined)) return
  const isolates = 'clocks: its own time since the boot'
  program.row({ name: 'let its clocks be its own', call: 'unshare', args: [cloneFlags(['CLONE_NEWTIME'])], isolates })
  const file = slot('clocks')
  for (const [clock, { secs = 0, nanosecs = 0 }] of Object.entries(spec.linux.timeOffsets ?? {})) {
    const text = `${clock} ${secs} ${nanosecs}`
    program.row({ name: 'open the clocks', call: 'openat', args: [AT_FDCWD, '/proc/self/timens_offsets', TO_WRITE], result: file })
    program.row({ name: `set clock ${text}`, call: 'write', args: [value(file), text, text.length] })
    program.row({ name: 'close the clocks', call: 'close', args: [value(file)] })
  }
}
