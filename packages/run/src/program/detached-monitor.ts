import { at, resetSignals, type Slot, shown, slot, struct, value, vector, writeExitRecord } from '@gocker/kernel'
import { AT_FDCWD, O_CLOEXEC, SIGCHLD, SIGNAL_SET_SIZE, SIGURG, TO_READ_AND_WRITE, TO_WRITE_ANEW } from './constants.ts'
import { type LogStream, openLog, pump, rotateWhenFull } from './log-pump.ts'
import type { DetachedFacts, Plan } from './plan.ts'
import { PollSet } from './poll-set.ts'
import { signalSet } from './signals.ts'
import { CONSOLE_DESCRIPTOR } from './terminal.ts'

/** Descriptors that gocker gives the monitor of a detached container. */
export const DETACHED_DESCRIPTORS = {
  /** The read end of a pipe: a byte says that gocker has written down that the container runs; its end, that gocker has died before. */
  release: 'release',
  stdin: 'stdin of the container',
  stdout: 'stdout of the container',
  stderr: 'stderr of the container',
  /** A Unix socket, by which the terminal comes. */
  terminal: 'terminal of the container',
} as const

/** The monitor's descriptor of the container's stdin, or of its terminal, for those who attach to it. */
export const INPUT_DESCRIPTOR = 200
/**
 * Tells the monitor that nothing more is typed. Whoever sends it cannot know whether the clean-up has taken the monitor's place meanwhile:
 * this one does nothing to a process that does not wait for it.
 */
export const END_OF_INPUT = SIGURG
const SIGNAL_DESCRIPTOR = 201
/** struct signalfd_siginfo: begins with the signal's number, and an errno that is 0. */
const SIGINFO_SIZE = 128
const SFD_CLOEXEC = shown(O_CLOEXEC, 'SFD_CLOEXEC')
const WNOHANG = shown(1, 'WNOHANG')

interface Followed {
  readonly pid: Slot
  readonly status: Slot
}

const released = slot('gocker has written it down')
const timeout = slot('timeout')

/** Before there is a container: what cannot be opened is told, and nothing has been started. */
export function prepareToFollow(plan: Plan): void {
  openLog(plan, plan.facts.detached?.log)
  openSignals(plan)
}

/** Instead of the container's stdio, which nobody else may hold: the monitor's own, and the other ends. */
export function takeContainersEnds(plan: Plan): void {
  const { program, spec, facts } = plan
  program.giveBack('container')
  const nothing = slot('null of the monitor')
  program.row({ name: 'open /dev/null for the monitor', call: 'openat', args: [AT_FDCWD, '/dev/null', TO_READ_AND_WRITE], result: nothing })
  for (const fd of [0, 1, 2])
    program.row({ name: `let go of descriptor ${fd} of the container`, call: 'dup3', args: [value(nothing), fd, 0] })
  program.row({ name: 'close the other copy', call: 'close', args: [value(nothing)] })
  if (spec.process.terminal === true) receiveTerminal(plan)
  else if (facts.stdio[0] === 'pipe') keepInput(plan, program.descriptor(DETACHED_DESCRIPTORS.stdin))
}

/** Until the container ends: keeps what it says, and closes its stdin when asked to. Then tells how it ended, and lets the clean-up take its place. */
export function followContainer(plan: Plan, container: Followed): void {
  const { program, facts } = plan
  const detached = facts.detached as DetachedFacts
  const streams = logStreams(plan)
  const release = program.descriptor(DETACHED_DESCRIPTORS.release)
  const waiting = new PollSet({ signals: SIGNAL_DESCRIPTOR, release, ...Object.fromEntries(streams.map(({ name, fd }) => [name, fd])) })
  program.label('watch')
  program.row({
    name: 'wait for output, a signal, or gocker',
    call: 'ppoll',
    args: [waiting.entries, waiting.count, value(timeout), 0, SIGNAL_SET_SIZE],
    pass: ['EINTR'],
    onError: 'watch',
    onZero: 'drained',
    isolates: 'the monitor, once the container runs',
  })
  for (const stream of streams) pump(plan, { stream, waiting, log: detached.log })
  rotateWhenFull(plan, detached.log)
  waiting.onEvent(program, 'release', 'hear gocker')
  program.label('gocker is heard')
  waiting.onEvent(program, 'signals', 'take a signal')
  program.jump('watch')
  hearGocker(plan, waiting, release)
  takeSignal(plan, container)
  drain(plan, waiting)
  tellTheEnd(plan, { container, release })
}

function logStreams({ program, spec, facts }: Plan): LogStream[] {
  if (spec.process.terminal === true) return [{ name: 'terminal', fd: INPUT_DESCRIPTOR, number: 1 }]
  const names = (['stdout', 'stderr'] as const).filter((_, index) => facts.stdio[index + 1] === 'pipe')
  return names.map((name) => ({ name, fd: program.descriptor(DETACHED_DESCRIPTORS[name]), number: name === 'stdout' ? 1 : 2 }))
}

function openSignals({ program }: Plan): void {
  const signals = slot('signals')
  const set = shown(signalSet(SIGCHLD, END_OF_INPUT), 'SIGCHLD and SIGURG')
  program.row({ name: 'receive signals as data', call: 'signalfd4', args: [-1, set, SIGNAL_SET_SIZE, SFD_CLOEXEC], result: signals })
  program.row({ name: 'keep them where they are known', call: 'dup3', args: [value(signals), SIGNAL_DESCRIPTOR, O_CLOEXEC] })
  program.row({ name: 'close the other copy', call: 'close', args: [value(signals)] })
}

/** The container sends its terminal's other side before it executes anything; nothing comes when it fails before. */
function receiveTerminal({ program }: Plan): void {
  const control = slot('message with the terminal', 24)
  const message = struct([0, 0, struct([slot('byte with the terminal'), 1]), 1, control, 24, 0])
  const received = at(control, 16)
  const socket = program.descriptor(DETACHED_DESCRIPTORS.terminal)
  program.row({ name: "let go of the container's socket", call: 'close', args: [program.descriptor(CONSOLE_DESCRIPTOR)] })
  program.row({ name: "take the terminal's other side", call: 'recvmsg', args: [socket, message, 0], onZero: 'no terminal came' })
  program.row({ name: 'keep it where it is known', call: 'dup3', args: [value(received), INPUT_DESCRIPTOR, O_CLOEXEC] })
  program.row({ name: 'close the other copy', call: 'close', args: [value(received)] })
  program.label('no terminal came')
  program.row({ name: 'let go of the socket', call: 'close', args: [socket] })
}

function keepInput({ program }: Plan, fd: number): void {
  program.row({ name: "keep the container's stdin where it is known", call: 'dup3', args: [fd, INPUT_DESCRIPTOR, O_CLOEXEC] })
  program.row({ name: 'close the other copy', call: 'close', args: [fd] })
}

function hearGocker({ program }: Plan, waiting: PollSet, release: number): void {
  program.label('hear gocker')
  program.row({
    name: 'has gocker written it down?',
    call: 'read',
    args: [release, slot('a byte'), 1],
    result: released,
    onZero: 'orphaned',
  })
  waiting.leaveOut(program, 'release')
  program.jump('gocker is heard')
}

function takeSignal({ program, spec }: Plan, { pid, status }: Followed): void {
  const info = slot('received signal', SIGINFO_SIZE)
  program.label('take a signal')
  program.row({ name: 'take the signal', call: 'read', args: [SIGNAL_DESCRIPTOR, info, SIGINFO_SIZE] })
  program.compare({ name: 'is it SIGURG?', a: value(info), b: shown(END_OF_INPUT, 'SIGURG'), onZero: 'nothing more is typed' })
  program.row({ name: 'see whether the container has ended', call: 'wait4', args: [value(pid), status, WNOHANG, 0], onZero: 'watch' })
  program.jump('drain')
  program.label('nothing more is typed')
  if (spec.process.terminal !== true)
    program.row({ name: "close the container's stdin", call: 'close', args: [INPUT_DESCRIPTOR], pass: 'any' })
  program.jump('watch')
}

/** What is still in the pipes is kept; nobody is waited for who might have them open. */
function drain({ program }: Plan, waiting: PollSet): void {
  program.label('drain')
  waiting.leaveOut(program, 'signals')
  waiting.leaveOut(program, 'release')
  program.compare({ name: 'wait for nothing any more', a: struct([0, 0]), b: 0, result: timeout, onPositive: 'watch' })
}

/** Not before gocker has written down that it runs; where it died before, the container never was. */
function tellTheEnd(plan: Plan, { container, release }: { container: Followed; release: number }): void {
  const { program, facts } = plan
  const { exitFile, cleanup } = facts.detached as DetachedFacts
  const file = slot('exit file')
  program.label('drained')
  program.compare({ name: 'did gocker write it down?', a: value(released), b: 0, onPositive: 'it is written down' })
  program.row({ name: 'wait until gocker has written it down', call: 'read', args: [release, slot('a byte'), 1], onZero: 'orphaned' })
  program.label('it is written down')
  program.row({
    name: 'open the exit file',
    call: 'openat',
    args: [AT_FDCWD, exitFile, TO_WRITE_ANEW, 0o600],
    result: file,
    pass: 'any',
    onError: 'clean up',
  })
  writeExitRecord(program, { file: value(file), status: container.status })
  program.row({ name: 'have it on the disk', call: 'fsync', args: [value(file)], pass: 'any' })
  program.label('clean up')
  resetSignals(program)
  program.row({ name: 'close everything', call: 'close_range', args: [3, shown(0xffff_ffff, '~0'), 0] })
  const args = [cleanup.args[0] ?? '', vector(cleanup.args), vector(cleanup.env)]
  program.row({ name: 'let the clean-up take the place of the monitor', call: 'execve', args, pass: 'any' })
}
