import { bytes, shown, slot, struct, value } from '@gocker/kernel'
import { AT_FDCWD, CLONE_OPENED, MOVE_OPENED, NEVER_WAITING, TO_BE_TERMINAL } from './constants.ts'
import { makeEmptyNode } from './devices.ts'
import { PassedDescriptor } from './passed-descriptor.ts'
import type { PlanWith } from './plan.ts'

/** The descriptor by which gocker gets the terminal's other side: a Unix socket. */
export const CONSOLE_DESCRIPTOR = 'console'

const TIOCSCTTY = shown(0x540e, 'TIOCSCTTY')
const TIOCSWINSZ = shown(0x5414, 'TIOCSWINSZ')
const TIOCSPTLCK = shown(0x4004_5431, 'TIOCSPTLCK')
const TIOCGPTPEER = shown(0x5441, 'TIOCGPTPEER')
const SAME = shown(0xffff_ffff, '-1')

const peer = slot('terminal')

/** The container's terminal, which is its console as well. */
export function terminal(plan: PlanWith<'windowSize' | 'terminalWaits'>): void {
  makeTerminal(plan)
  if (plan.spec.process.terminal) bindConsole(plan)
}

/** A terminal of the container's own devpts: its name means the same inside, and the host's terminals stay out of reach. */
export function makeTerminal(plan: PlanWith<'windowSize' | 'terminalWaits'>): void {
  const { program, spec, facts } = plan
  if (!spec.process.terminal) return
  const passed = new PassedDescriptor()
  const master = passed.number
  program.row({
    name: 'make a terminal',
    call: 'openat',
    args: [AT_FDCWD, '/dev/pts/ptmx', facts.terminalWaits === true ? TO_BE_TERMINAL : NEVER_WAITING],
    result: master,
    isolates: 'terminal: one of its own, whose other side gocker holds',
  })
  program.row({ name: 'unlock it', call: 'ioctl', args: [value(master), TIOCSPTLCK, struct([0])] })
  // By the master, not by its path (CVE-2025-52565).
  program.row({ name: 'open it', call: 'ioctl', args: [value(master), TIOCGPTPEER, TO_BE_TERMINAL], result: peer })
  if (facts.windowSize !== undefined)
    program.row({ name: 'set its size', call: 'ioctl', args: [value(master), TIOCSWINSZ, windowSize(facts.windowSize)] })
  program.row({ name: 'give it to the user', call: 'fchown', args: [value(peer), spec.process.user.uid, SAME] })
  const socket = program.descriptor(CONSOLE_DESCRIPTOR)
  passed.send(program, { name: 'send its other side to gocker', socket, data: struct([struct([0]), 1]) })
}

/** Makes the terminal stdin, stdout and stderr. */
export function useTerminal({ program, spec }: PlanWith): void {
  if (!spec.process.terminal) return
  for (const fd of [0, 1, 2]) program.row({ name: `make the terminal descriptor ${fd}`, call: 'dup3', args: [value(peer), fd, 0] })
}

/** Makes the terminal, which is stdin by now, the session's. */
export function controlTerminal({ program, spec }: PlanWith): void {
  if (spec.process.terminal) program.row({ name: "make the terminal the session's", call: 'ioctl', args: [0, TIOCSCTTY, 0] })
}

function bindConsole(plan: PlanWith): void {
  const { program } = plan
  const tree = slot('console')
  makeEmptyNode(plan, '/dev/console')
  program.row({
    name: 'take the terminal for /dev/console',
    call: 'open_tree',
    args: [value(peer), '', CLONE_OPENED],
    result: tree,
  })
  program.row({
    name: 'bind it on /dev/console',
    call: 'move_mount',
    args: [value(tree), '', AT_FDCWD, '/dev/console', MOVE_OPENED],
  })
}

function windowSize({ columns, rows }: { columns: number; rows: number }) {
  const size = Buffer.alloc(8)
  size.writeUInt16LE(rows, 0)
  size.writeUInt16LE(columns, 2)
  return bytes(size)
}
