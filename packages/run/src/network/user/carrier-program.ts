import { closeOnExec, fork, LaunchProgram, resetSignals, shown, slot, value, vector } from '@gocker/kernel'
import { O_CLOEXEC, SIG_BLOCK, SIGCHLD, SIGNAL_SET_SIZE } from '../../program/constants.ts'
import { PollSet } from '../../program/poll-set.ts'
import { signalSet } from '../../program/signals.ts'

/** What the program tells: the pid of what watches. */
export const WATCHING = 'watching'
/** Of the program that is executed. */
export const READY_DESCRIPTOR = 3
/** Descriptors of the program that is walked. */
export const CARRIER_DESCRIPTORS = { container: "the container's first process", ready: 'where it says that it is ready' } as const

const SIGNAL_DESCRIPTOR = 20
const SFD_CLOEXEC = shown(O_CLOEXEC, 'SFD_CLOEXEC')
const NEVER = 0

/**
 * What carries a container's network, which lives as long as the container does, whatever is killed and however. It holds the network's namespace
 * open, so that this does not end it. Its PID namespace does: the first process in it waits for the container's end, and with it all in it are ended by
 * the kernel.
 * @see pid_namespaces(7), pidfd_open(2)
 */
export function carrierProgram(command: readonly [path: string, ...args: string[]]): LaunchProgram {
  const program = new LaunchProgram()
  const container = program.descriptor(CARRIER_DESCRIPTORS.container)
  const ready = program.descriptor(CARRIER_DESCRIPTORS.ready)
  const watcher = slot('pid of the watcher')
  fork(program, { name: 'make a PID namespace', flags: ['CLONE_NEWPID'], pid: watcher, child: 'watch' })
  program.report(WATCHING, [watcher])
  program.row({ name: 'end', call: 'exit_group', args: [0] })
  watch(program, container)
  carry(program, { ready, command })
  return program
}

/** Until one of the two has ended. */
function watch(program: LaunchProgram, container: number): void {
  const signals = slot('signal descriptor')
  const set = shown(signalSet(SIGCHLD), 'SIGCHLD')
  const waiting = new PollSet({ container, carrier: SIGNAL_DESCRIPTOR })
  program.label('watch')
  program.row({ name: 'begin a session', call: 'setsid' })
  program.row({ name: 'let SIGCHLD wait', call: 'rt_sigprocmask', args: [SIG_BLOCK, set, 0, SIGNAL_SET_SIZE] })
  program.row({ name: 'receive it as data', call: 'signalfd4', args: [-1, set, SIGNAL_SET_SIZE, SFD_CLOEXEC], result: signals })
  program.row({ name: 'keep it where it is known', call: 'dup3', args: [value(signals), SIGNAL_DESCRIPTOR, O_CLOEXEC] })
  fork(program, { name: 'make the process of the carrier', pid: slot('pid of the carrier'), child: 'carry' })
  program.row({ name: 'let go of the network', call: 'close_range', args: [0, 2, 0] })
  const args = [waiting.entries, waiting.count, NEVER, NEVER, 0]
  program.row({ name: 'wait until the container has ended, or the carrier', call: 'ppoll', args, pass: 'any' })
  program.row({ name: 'end all in this namespace', call: 'exit_group', args: [0] })
}

function carry(program: LaunchProgram, { ready, command }: { ready: number; command: readonly [string, ...string[]] }): void {
  program.label('carry')
  resetSignals(program)
  closeOnExec(program)
  // Its own copy, which stays open: the one that reports is there no more.
  program.row({ name: 'say there when it is ready', call: 'dup3', args: [ready, READY_DESCRIPTOR, 0] })
  program.row({ name: `become ${command[0]}`, call: 'execve', args: [command[0], vector(command), vector([])] })
}
