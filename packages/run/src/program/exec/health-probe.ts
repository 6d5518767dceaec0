import { shown, slot, value } from '@gocker/kernel'
import { O_CLOEXEC, SIGNAL_SET_SIZE, signal } from '../constants.ts'
import { containerPid, makeTie, monitorEnd } from '../monitor.ts'
import { PollSet } from '../poll-set.ts'
import { seeWhetherStarted, setTime, timeLeft } from './health-clock.ts'
import { NO_STATUS, OUTPUT_SPACE } from './health-layout.ts'
import { began, DESCRIPTORS, type HealthPlan, keep, NOTHING, pipe, pipeRead, pipeWrite, RESULTS_DESCRIPTOR, status } from './health-plan.ts'
import { joiningPid, learnPid, startJoining } from './monitor.ts'

const CLOCK_REALTIME = shown(0, 'CLOCK_REALTIME')
const WNOHANG = shown(1, 'WNOHANG')
const SPLICE_F_NONBLOCK = shown(2, 'SPLICE_F_NONBLOCK')
const SIGINFO_SIZE = 128
/** What is thrown away at once. */
const MUCH = 65_536
const REPORT = 3

/** Runs the check; going on at `judge` with its status. */
export function probe(plan: HealthPlan): void {
  begin(plan)
  startJoining(plan)
  letGo(plan)
  listenToTie(plan)
  follow(plan)
}

function begin(plan: HealthPlan): void {
  const { program, times } = plan
  const isolates = 'a check: a command that runs in the container, and is waited for'
  program.row({ name: 'see when the check begins', call: 'clock_gettime', args: [CLOCK_REALTIME, began], isolates })
  seeWhetherStarted(plan)
  setTime(program, 'give it time', times.timeout)
  program.compare({ name: 'know no pid', a: 0, b: 0, result: containerPid })
  makeTie(program)
  program.row({ name: 'make a pipe for what it says', call: 'pipe2', args: [pipe, O_CLOEXEC] })
}

function letGo(plan: HealthPlan): void {
  const { program } = plan
  program.row({ name: "close the check's end of the pipe", call: 'close', args: [value(pipeWrite)] })
  keep(program, pipeRead, DESCRIPTORS.output)
  keep(program, monitorEnd, DESCRIPTORS.tie)
}

/** In the process that joins: what the check says goes into the pipe, and what a row reports that fails. */
export function takeOutputs({ program }: HealthPlan): void {
  for (const fd of [1, 2]) program.row({ name: `make the pipe descriptor ${fd}`, call: 'dup3', args: [value(pipeWrite), fd, 0] })
  program.row({ name: 'report by the pipe', call: 'dup3', args: [value(pipeWrite), REPORT, O_CLOEXEC] })
}

function listenToTie({ program }: HealthPlan): void {
  const tie = new PollSet({ tie: DESCRIPTORS.tie })
  const args = [tie.entries, 1, timeLeft, 0, SIGNAL_SET_SIZE]
  program.row({ name: 'wait until the check is made', call: 'ppoll', args, onZero: 'too late to join' })
  learnPid(program, DESCRIPTORS.tie)
  program.compare({ name: 'is there a check?', a: value(containerPid), b: 0, onZero: 'not started' })
}

/** Until the check has ended or its time is up. */
function follow(plan: HealthPlan): void {
  const { program } = plan
  const waiting = new PollSet({ signals: DESCRIPTORS.signals, output: DESCRIPTORS.output })
  waiting.takeIn(program, 'output')
  program.label('follow')
  const args = [waiting.entries, waiting.count, timeLeft, 0, SIGNAL_SET_SIZE]
  program.row({ name: 'wait for output, or for the end of the check', call: 'ppoll', args, onZero: 'too late' })
  waiting.onEvent(program, 'output', 'take output')
  program.label('output is taken')
  waiting.onEvent(program, 'signals', 'take a signal')
  program.jump('follow')
  takeOutput(plan, waiting)
  takeSignal(plan)
  giveUp(plan)
}

/** Through no memory of this process: into the file as much as there is room for, and the rest nowhere. */
function takeOutput(plan: HealthPlan, waiting: PollSet): void {
  const { program } = plan
  program.label('take output')
  keepOutput(plan, { onFull: 'throw output away', onEnd: 'no more output' })
  program.jump('output is taken')
  program.label('throw output away')
  program.row({
    name: 'throw away what is too much',
    call: 'splice',
    args: [DESCRIPTORS.output, 0, NOTHING, 0, MUCH, SPLICE_F_NONBLOCK],
    pass: ['EAGAIN'],
    onZero: 'no more output',
  })
  program.jump('output is taken')
  program.label('no more output')
  waiting.leaveOut(program, 'output')
  program.jump('output is taken')
}

function keepOutput({ program, memory }: HealthPlan, { onFull, onEnd }: { onFull: string; onEnd: string }): void {
  const { outputBegin, outputOffset } = memory
  const kept = slot('bytes of output')
  const room = slot('room for output')
  program.compare({ name: 'see how much is kept', a: value(outputOffset), b: value(outputBegin), result: kept })
  program.compare({ name: 'is there room for more?', a: OUTPUT_SPACE, b: value(kept), result: room, onZero: onFull })
  program.row({
    name: 'keep what the check says',
    call: 'splice',
    args: [DESCRIPTORS.output, 0, program.descriptor(RESULTS_DESCRIPTOR), outputOffset, value(room), SPLICE_F_NONBLOCK],
    pass: ['EAGAIN'],
    onZero: onEnd,
  })
}

function takeSignal(plan: HealthPlan): void {
  const { program } = plan
  program.label('take a signal')
  program.row({ name: 'take the signal', call: 'read', args: [DESCRIPTORS.signals, slot('signal', SIGINFO_SIZE), SIGINFO_SIZE] })
  program.row({
    name: 'see whether the check has ended',
    call: 'wait4',
    args: [value(containerPid), status, WNOHANG, 0],
    onZero: 'follow',
  })
  program.label('take the rest')
  keepOutput(plan, { onFull: 'judge', onEnd: 'judge' })
  program.jump('judge')
}

/** Whatever the check has made and left in its group ends with it. */
function giveUp({ program }: HealthPlan): void {
  const group = slot('group of the check')
  program.label('too late')
  program.compare({ name: 'find the group of the check', a: 0, b: value(containerPid), result: group })
  program.row({ name: 'kill it', call: 'kill', args: [value(group), signal('SIGKILL')], pass: ['ESRCH'] })
  program.row({ name: 'kill the check', call: 'kill', args: [value(containerPid), signal('SIGKILL')] })
  program.row({ name: 'wait for its end', call: 'wait4', args: [value(containerPid), 0, 0, 0] })
  program.jump('it was late')
  program.label('too late to join')
  program.row({ name: 'kill what could not join', call: 'kill', args: [value(joiningPid), signal('SIGKILL')] })
  program.row({ name: 'see that it is gone', call: 'wait4', args: [value(joiningPid), 0, 0, 0] })
  program.label('it was late')
  program.compare({ name: 'note that it was late', a: NO_STATUS.late, b: 0, result: status, onPositive: 'take the rest' })
  program.label('not started')
  program.compare({ name: 'note that it did not start', a: NO_STATUS.notStarted, b: 0, result: status, onPositive: 'take the rest' })
}
