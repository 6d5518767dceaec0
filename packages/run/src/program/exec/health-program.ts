import { blockSignals, LaunchProgram, shown, slot, struct, value } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { O_CLOEXEC, SIGCHLD, SIGNAL_SET_SIZE } from '../constants.ts'
import { REPORTS } from '../monitor.ts'
import { PollSet } from '../poll-set.ts'
import { signalSet } from '../signals.ts'
import { isStarted, seeWhetherStarted, setTime, timeLeft } from './health-clock.ts'
import { judge } from './health-judge.ts'
import { DESCRIPTORS, type HealthPlan, type HealthTimes, healthMemory, keep, NOTHING } from './health-plan.ts'
import { probe, takeOutputs } from './health-probe.ts'
import { CONTAINER_DESCRIPTOR, command, type JoinPlan, join } from './join.ts'

const CLOCK_MONOTONIC = shown(1, 'CLOCK_MONOTONIC')
const SECOND = 1_000_000_000
const REPORT = 3
const MADV_DONTNEED = shown(4, 'MADV_DONTNEED')

/**
 * The system calls that check a container's health for as long as it runs: sleep, run the check as exec runs a command, judge it, write
 * down what came of it.
 * @param spec the container's, with the check's own `process`
 * @throws {RunError}, {KernelError} for what cannot be planned
 */
export function toHealthProgram(spec: RuntimeSpec, facts: JoinPlan['facts'], times: HealthTimes): LaunchProgram {
  const plan: HealthPlan = { program: new LaunchProgram(), spec, facts, times, memory: healthMemory() }
  prepare(plan)
  sleep(plan)
  probe(plan)
  judge(plan)
  plan.program.label('end')
  plan.program.row({ name: 'end with the container', call: 'exit_group', args: [0] })
  plan.program.label('container')
  takeOutputs(plan)
  join(plan)
  command(plan, { tied: true })
  return plan.program
}

function prepare(plan: HealthPlan): void {
  const { program, times } = plan
  blockSignals(program)
  const signals = slot('signals')
  const set = shown(signalSet(SIGCHLD), 'SIGCHLD')
  program.row({ name: 'receive signals as data', call: 'signalfd4', args: [-1, set, SIGNAL_SET_SIZE, O_CLOEXEC], result: signals })
  keep(program, signals, DESCRIPTORS.signals)
  if (times.startPeriod > 0) beginStartPeriod(plan)
  program.report(REPORTS.started)
  // gocker listens no more, and a descriptor of that number must not be taken for it.
  program.row({ name: 'report to nobody from now on', call: 'dup3', args: [NOTHING, REPORT, O_CLOEXEC] })
  dropCheckRows(plan)
}

/** Only checks walk the rows from `container` on: each finds them in the file again, so that they need not stay in memory. */
function dropCheckRows({ program }: HealthPlan): void {
  for (const area of ['rows', 'constant'] as const) {
    const [address, size] = (['address', 'size'] as const).map((part) => ({ kind: 'extent', of: area, from: 'container', part }) as const)
    const name = `keep no ${area === 'rows' ? 'rows' : 'texts'} of the check in memory`
    program.row({ name, call: 'madvise', args: [address ?? 0, size ?? 0, MADV_DONTNEED], pass: ['EINVAL'] })
  }
}

function beginStartPeriod(plan: HealthPlan): void {
  const { program, times } = plan
  const timer = slot('timer')
  const time = struct([0, 0, Math.floor(times.startPeriod / SECOND), times.startPeriod % SECOND])
  program.row({ name: 'make a clock for the start period', call: 'timerfd_create', args: [CLOCK_MONOTONIC, O_CLOEXEC], result: timer })
  keep(program, timer, DESCRIPTORS.startPeriod)
  program.row({ name: 'wind it up', call: 'timerfd_settime', args: [DESCRIPTORS.startPeriod, 0, time, 0] })
}

/** Until the next check is due, or the container has ended. */
function sleep(plan: HealthPlan): void {
  const { program, times } = plan
  const container = new PollSet({ container: program.descriptor(CONTAINER_DESCRIPTOR) })
  program.label('sleep')
  if (times.startPeriod > 0) chooseShortInterval(plan)
  setTime(program, 'sleep for an interval', times.interval)
  program.label('asleep')
  program.row({
    name: 'sleep, or hear that the container has ended',
    call: 'ppoll',
    args: [container.entries, 1, timeLeft, 0, SIGNAL_SET_SIZE],
    onPositive: 'end',
    isolates: 'the checks: between them this process sleeps',
  })
}

function chooseShortInterval(plan: HealthPlan): void {
  const { program, times, memory } = plan
  seeWhetherStarted(plan)
  program.compare({ name: 'is the start period over?', a: value(isStarted), b: 0, onPositive: 'ordinary interval' })
  program.compare({ name: 'is it known how the container is?', a: value(memory.state), b: 0, onPositive: 'ordinary interval' })
  setTime(program, 'sleep for a shorter interval', times.startInterval)
  program.jump('asleep')
  program.label('ordinary interval')
}
