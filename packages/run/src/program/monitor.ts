import { at, shown, slot, value } from '@gocker/kernel'
import { makeProcess, treeOf } from './cgroup.ts'
import { AT_FDCWD, AT_REMOVEDIR, O_CLOEXEC, PR_SET_PDEATHSIG, SIG_BLOCK, SIGCHLD, SIGNAL_SET_SIZE, SIGUSR1, signal } from './constants.ts'
import { followContainer, prepareToFollow, takeContainersEnds } from './detached-monitor.ts'
import { holdGiven, letGoOfGiven } from './given.ts'
import { holdImages, letGoOfImages } from './layer-images.ts'
import { cloneFlagsOf, joinOutside } from './namespaces.ts'
import type { Plan, PlanWith } from './plan.ts'
import { everySignal, signalSet } from './signals.ts'
import { mapIds } from './user-namespace.ts'

const AF_UNIX = shown(1, 'AF_UNIX')
const STREAM = shown(1 | O_CLOEXEC, 'SOCK_STREAM|SOCK_CLOEXEC')
const MSG_DONTWAIT = shown(0x40, 'MSG_DONTWAIT')
const CLOCK_REALTIME = shown(0, 'CLOCK_REALTIME')
const WNOHANG = shown(1, 'WNOHANG')
/** Kept by the container's side until exec; everything else is closed before. */
export const TIE_DESCRIPTOR = 10

export const containerPid = slot('container pid')
const waitStatus = slot('wait status')
// Room behind the two numbers: each is read as a word.
const tie = slot('tie', 16)
export const monitorEnd = at(tie, 0)
export const containerEnd = at(tie, 4)

/** What the program tells gocker, in this order. */
export const REPORTS = {
  /** The container's pid. */
  started: 'started',
  /** The command runs, or a failure was reported before. */
  settled: 'settled',
  /** The wait status, seconds and nanoseconds since 1970. */
  exited: 'exited',
} as const

/**
 * The part that stays outside: makes the container's first process, waits for it, and tells how it ended.
 * Behind these rows the container's part begins, at the label `container`.
 */
export function monitor(plan: Plan): void {
  holdImages(plan)
  holdGiven(plan)
  guardAgainstSignals(plan)
  joinOutside(plan)
  if (plan.facts.detached !== undefined) prepareToFollow(plan)
  startContainer(plan)
  if (plan.facts.detached === undefined) waitForContainer(plan)
  else followContainer(plan, { pid: containerPid, status: waitStatus })
  endMonitor(plan)
}

/** Before any process is made: gocker's death becomes a signal that waits to be taken. */
export function guardAgainstSignals({ program, facts }: PlanWith<'parent'>): void {
  program.row({
    name: 'block every signal in the monitor',
    call: 'rt_sigprocmask',
    // Ctrl-C at a terminal goes to the whole group of gocker, the monitor too: only the container may decide what it means.
    args: [SIG_BLOCK, everySignal, 0, SIGNAL_SET_SIZE],
    isolates: 'the monitor: waits outside of the container, and tells gocker how it ended',
  })
  if (facts.parent === undefined) return
  program.row({ name: 'be told when gocker dies', call: 'prctl', args: [PR_SET_PDEATHSIG, signal('SIGUSR1')] })
  // gocker may have died before that row: then the parent is another process already.
  const parent = slot('parent')
  program.row({ name: 'see who the parent is', call: 'getppid', result: parent })
  program.compare({
    name: 'go on only while gocker lives',
    a: value(parent),
    b: shown(facts.parent, "gocker's pid"),
    onZero: 'gocker lives',
    onNegative: 'end',
    onPositive: 'end',
  })
  program.label('gocker lives')
}

function startContainer(plan: Plan): void {
  const { program, facts } = plan
  makeTie(program)
  makeProcess(plan, {
    flags: cloneFlagsOf(plan),
    pid: containerPid,
    name: 'make the first process of the container',
    isolates: 'namespaces: mounts, hostname, message queues, processes and network of its own',
  })
  program.row({ name: "close the container's end of the tie", call: 'close', args: [value(containerEnd)] })
  letGoOfImages(plan)
  letGoOfGiven(plan)
  mapIds(plan)
  program.report(REPORTS.started, [containerPid])
  // Nobody but the container may hold its stdin, stdout and stderr: otherwise their ends would never be seen.
  if (facts.detached === undefined) program.row({ name: "let go of the container's stdio", call: 'close_range', args: [0, 2, 0] })
  else takeContainersEnds(plan)
  program.row({ name: 'wait until the command runs', call: 'read', args: [value(monitorEnd), slot('nothing'), 1] })
  program.report(REPORTS.settled)
}

/** Until the process has ended, and that is told; at the label `orphaned` when gocker dies before. */
export function waitForContainer({ program }: Pick<PlanWith, 'program'>): void {
  const caught = slot('signal')
  const time = slot('end time', 16)
  program.label('wait')
  program.row({
    name: 'wait for the container to end, or for gocker to die',
    call: 'rt_sigtimedwait',
    args: [shown(signalSet(SIGCHLD, SIGUSR1), 'SIGCHLD and SIGUSR1'), 0, 0, SIGNAL_SET_SIZE],
    result: caught,
    pass: ['EINTR'],
    isolates: 'the monitor, once the container runs',
  })
  program.compare({ name: 'has gocker died?', a: value(caught), b: signal('SIGUSR1'), onZero: 'orphaned', onNegative: 'wait' })
  program.row({
    name: 'see whether the container has ended',
    call: 'wait4',
    args: [value(containerPid), waitStatus, WNOHANG, 0],
    onZero: 'wait',
  })
  program.row({ name: 'read the clock', call: 'clock_gettime', args: [CLOCK_REALTIME, time] })
  program.report(REPORTS.exited, [waitStatus, at(time, 0), at(time, 8)])
}

/** When all is told, and when gocker is not there to be told. */
function endMonitor({ program, spec, facts }: Plan): void {
  program.label('end')
  program.row({ name: 'end the monitor', call: 'exit_group', args: [0] })
  // Not left to PR_SET_PDEATHSIG in the container, which a set-user-ID program or the container itself takes away.
  program.label('orphaned')
  program.row({ name: 'kill the container', call: 'kill', args: [value(containerPid), signal('SIGKILL')], pass: ['ESRCH'] })
  program.row({ name: 'wait for its end', call: 'wait4', args: [value(containerPid), waitStatus, 0, 0], pass: ['ECHILD'] })
  for (const entry of facts.cgroup.entries) {
    program.row({
      name: `remove the cgroup in ${treeOf(entry, spec)}`,
      call: 'unlinkat',
      args: [AT_FDCWD, entry.directory, AT_REMOVEDIR],
      pass: 'any',
    })
  }
  program.jump('end')
}

/** Each side sees at the other end's closing that the monitor is gone, or that the command runs. */
export function makeTie(program: Plan['program']): void {
  program.row({ name: 'tie the monitor and the container together', call: 'socketpair', args: [AF_UNIX, STREAM, 0, tie] })
}

/** The container's side of the tie: ends at once when the monitor is gone. */
export function holdTie({ program }: Pick<PlanWith, 'program'>): void {
  program.row({ name: "close the monitor's end of the tie", call: 'close', args: [value(monitorEnd)] })
  // Where it came to be by itself when so many descriptors were given.
  program.compare({ name: 'is the tie where it is known?', a: value(containerEnd), b: TIE_DESCRIPTOR, onZero: 'the tie is known' })
  program.row({ name: 'keep the tie where it is known', call: 'dup3', args: [value(containerEnd), TIE_DESCRIPTOR, O_CLOEXEC] })
  program.row({ name: 'close the other copy', call: 'close', args: [value(containerEnd)] })
  program.label('the tie is known')
}

/**
 * The container dies with its monitor, were that killed. The kernel forgets this whenever the user changes: said again then.
 * @see PR_SET_PDEATHSIG(2const)
 */
export function dieWithMonitor({ program, facts }: PlanWith<'parent' | 'detached'>): void {
  if (facts.parent !== undefined || facts.detached !== undefined) tieToMonitor(program)
}

export function tieToMonitor(program: Plan['program']): void {
  program.row({ name: 'die with the monitor', call: 'prctl', args: [PR_SET_PDEATHSIG, signal('SIGKILL')] })
  program.row({
    name: 'see whether the monitor lives',
    call: 'recvfrom',
    args: [TIE_DESCRIPTOR, slot('nothing'), 1, MSG_DONTWAIT, 0, 0],
    pass: ['EAGAIN'],
    onZero: 'end',
  })
}
