import { shown, slot, value } from '@gocker/kernel'
import { AT_FDCWD, TO_READ, TO_WRITE } from './constants.ts'
import { TIE_DESCRIPTOR } from './monitor.ts'
import type { PlanWith } from './plan.ts'

const REPORT = 3
const LAST = shown(0xffff_ffff, '~0')
const F_SETFD = shown(2, 'F_SETFD')
const SAME = shown(0xffff_ffff, '-1')

/**
 * Everything but stdio, the report and the tie goes, before a path of the image's or the user's is looked up again:
 * a working directory or a command `/proc/self/fd/7` finds no directory of the host there (CVE-2024-21626).
 */
export function closeDescriptors({ program }: Pick<PlanWith, 'program'>): void {
  program.row({
    name: 'close what was taken from the host',
    call: 'close_range',
    args: [REPORT + 1, TIE_DESCRIPTOR - 1, 0],
    isolates: 'descriptors: none of the host',
  })
  program.row({ name: 'close it above the tie, too', call: 'close_range', args: [TIE_DESCRIPTOR + 1, LAST, 0] })
}

/** stdin, stdout and stderr, kept over exec, and the user's own: otherwise /dev/stdout could not be opened by him. */
export function stdio({ program, spec, facts }: PlanWith<'stdio'>): void {
  if (spec.process.terminal) return
  const { uid } = spec.process.user
  for (const [fd, kind] of facts.stdio.entries()) {
    if (kind === 'null') takeNull(program, fd)
    else program.row({ name: `keep descriptor ${fd}`, call: 'fcntl', args: [fd, F_SETFD, 0] })
    if (kind === 'pipe' && uid !== 0) program.row({ name: `give descriptor ${fd} to the user`, call: 'fchown', args: [fd, uid, SAME] })
  }
}

/** The container's own: the host's would be a way to the host's file. */
function takeNull(program: PlanWith['program'], fd: number): void {
  const device = slot('null')
  program.row({
    name: 'open /dev/null',
    call: 'openat',
    args: [AT_FDCWD, '/dev/null', fd === 0 ? TO_READ : TO_WRITE],
    result: device,
  })
  program.row({ name: `make it descriptor ${fd}`, call: 'dup3', args: [value(device), fd, 0] })
  program.row({ name: 'close the other copy', call: 'close', args: [value(device)] })
}
