import { at, bytes, encodeCapset, exitAs, fork, shown, slot, superviseChild, value } from '@gocker/kernel'
import type { Plan } from './plan.ts'

const PR_SET_NAME = shown(15, 'PR_SET_NAME')
const PR_SET_DUMPABLE = shown(4, 'PR_SET_DUMPABLE')
const TIOCSPGRP = shown(0x5410, 'TIOCSPGRP')
const LAST = shown(0xffff_ffff, '~0')
const O_CLOEXEC = shown(0o2000000, 'O_CLOEXEC')
/** Two descriptors of 32 bits, and room to read the second as a word. */
const gate = slot('gate of the command', 16)
const [gateRead, gateWrite] = [at(gate, 0), at(gate, 4)]

/**
 * The container's first process stays what it is: it reaps what others leave to it, passes on signals, and ends as the command did.
 * The command goes on as its child, in a group of its own that has the terminal.
 */
export function init({ program, spec, facts }: Plan): void {
  if (!facts.init) return
  const child = { pid: slot('command pid'), status: slot('command status') }
  // Instead of a number, which it was started by.
  program.row({ name: 'be called init', call: 'prctl', args: [PR_SET_NAME, 'gocker-init', 0, 0, 0] })
  program.row({ name: 'make a gate for the command', call: 'pipe2', args: [gate, O_CLOEXEC] })
  fork(program, {
    name: 'make a process for the command',
    pid: child.pid,
    child: 'command',
    isolates: 'init: a first process that reaps, and passes on signals',
  })
  dropCapabilities(program, spec.process.user.uid)
  // It is the program that made the container, with the host's paths and with secrets: not to be read by /proc/1/exe or mem.
  program.row({ name: 'be closed to others', call: 'prctl', args: [PR_SET_DUMPABLE, 0, 0, 0, 0] })
  // The report and the tie too: whoever is in the container could write to them by /proc/1/fd. This opens the gate.
  program.row({ name: 'let go of every descriptor', call: 'close_range', args: [0, LAST, 0] })
  superviseChild(program, child)
  exitAs(program, child.status)
  program.label('command')
  program.row({ name: "close the init's side of the gate", call: 'close', args: [value(gateWrite)] })
  program.row({ name: 'wait until the init has no more than it needs', call: 'read', args: [value(gateRead), slot('nothing'), 1] })
  program.row({ name: 'be a group of its own', call: 'setpgid', args: [0, 0] })
  if (!spec.process.terminal) return
  const group = slot('group')
  program.row({ name: 'see its number', call: 'getpid', result: group })
  program.row({ name: 'have the terminal', call: 'ioctl', args: [0, TIOCSPGRP, group] })
}

/** An ordinary user's command loses them by exec, which the init does not. */
function dropCapabilities(program: Plan['program'], uid: number): void {
  if (uid === 0) return
  const { header, data } = encodeCapset({ effective: 0n, permitted: 0n, inheritable: 0n })
  program.row({ name: 'have no capability', call: 'capset', args: [bytes(header), bytes(data)] })
}
