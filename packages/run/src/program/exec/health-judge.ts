import { at, type Operand, shown, slot, struct, value } from '@gocker/kernel'
import { SIGNAL_SET_SIZE } from '../constants.ts'
import { PollSet } from '../poll-set.ts'
import { isStarted } from './health-clock.ts'
import { OUTPUT_BASE, OUTPUT_SPACE, PLACES, RECORD_SPACE } from './health-layout.ts'
import { began, DESCRIPTORS, type HealthPlan, RESULTS_DESCRIPTOR, status } from './health-plan.ts'
import { CONTAINER_DESCRIPTOR } from './join.ts'

const CLOCK_REALTIME = shown(0, 'CLOCK_REALTIME')
const SEEK_SET = shown(0, 'SEEK_SET')
const [HEALTHY, UNHEALTHY] = [shown(1, 'healthy'), shown(2, 'unhealthy')]

const ended = slot('end of the check', 16)
const length = slot('bytes of output')

/** What the check means, by docker's rules, and its record in the file; then the next sleep. */
export function judge(plan: HealthPlan): void {
  const { program, memory } = plan
  const isolates = 'the judgement: so many failures in a row are needed, and none counts before the first success in the start period'
  program.label('judge')
  leaveWithContainer(plan, isolates)
  program.row({ name: 'see when the check ended', call: 'clock_gettime', args: [CLOCK_REALTIME, ended] })
  program.compare({ name: 'did it find the container well?', a: value(status), b: 0, onZero: 'well' })
  countFailure(plan)
  program.label('well')
  set(plan, 'no failures in a row', { memory: memory.streak, to: 0 })
  set(plan, 'the container is healthy', { memory: memory.state, to: HEALTHY })
  program.label('judged')
  write(plan)
  moveOn(plan)
  for (const fd of [DESCRIPTORS.output, DESCRIPTORS.tie]) program.row({ name: 'close what was opened for it', call: 'close', args: [fd] })
  program.jump('sleep')
}

/** A check that failed because the container has ended tells nothing. */
function leaveWithContainer({ program }: HealthPlan, isolates: string): void {
  const container = new PollSet({ container: program.descriptor(CONTAINER_DESCRIPTOR) })
  program.row({
    name: 'see whether the container has ended',
    call: 'ppoll',
    args: [container.entries, 1, struct([0, 0]), 0, SIGNAL_SET_SIZE],
    onPositive: 'end',
    isolates,
  })
}

function countFailure(plan: HealthPlan): void {
  const { program, memory, times } = plan
  if (times.startPeriod > 0) {
    program.compare({ name: 'was it ever well, or unhealthy?', a: value(memory.state), b: 0, onPositive: 'it counts' })
    program.compare({ name: 'was the start period over?', a: value(isStarted), b: 0, onZero: 'judged' })
    program.label('it counts')
  }
  program.compare({ name: 'one more failure in a row', a: value(memory.streak), b: -1, result: memory.streak })
  program.compare({ name: 'are they too many?', a: value(memory.streak), b: times.retries, onNegative: 'judged' })
  set(plan, 'the container is unhealthy', { memory: memory.state, to: UNHEALTHY })
  program.jump('judged')
}

function write({ program, memory }: HealthPlan): void {
  const { number, streak, state, recordOffset, outputBegin, outputOffset } = memory
  const file = program.descriptor(RESULTS_DESCRIPTOR)
  program.compare({ name: 'see how much it said', a: value(outputOffset), b: value(outputBegin), result: length })
  program.compare({ name: 'number it', a: value(number), b: -1, result: number })
  // In the order of the record's words.
  const words = [number, at(began, 0), at(began, 8), at(ended, 0), at(ended, 8), status, streak, state, length, number]
  const vector = struct(
    words.flatMap((word) => [word, 8]),
    'record of the check',
  )
  program.row({ name: 'go to its place', call: 'lseek', args: [file, value(recordOffset), SEEK_SET] })
  program.row({ name: 'write down what came of it', call: 'writev', args: [file, vector, words.length], pass: 'any' })
}

/** The next record's place; behind the last one the first again. */
function moveOn(plan: HealthPlan): void {
  const { program, memory } = plan
  const { recordOffset, outputBegin, outputOffset } = memory
  program.compare({ name: 'go to the next place', a: value(recordOffset), b: -RECORD_SPACE, result: recordOffset })
  program.compare({ name: 'for its output, too', a: value(outputBegin), b: -OUTPUT_SPACE, result: outputBegin })
  program.compare({ name: 'was it the last one?', a: value(recordOffset), b: PLACES * RECORD_SPACE, onNegative: 'it is the next one' })
  set(plan, 'begin again', { memory: recordOffset, to: 0 })
  set(plan, 'for output, too', { memory: outputBegin, to: OUTPUT_BASE })
  program.label('it is the next one')
  program.compare({ name: 'begin its output', a: value(outputBegin), b: 0, result: outputOffset })
}

function set({ program }: HealthPlan, name: string, { memory, to }: { memory: Parameters<typeof value>[0]; to: Operand }): void {
  program.compare({ name, a: to, b: 0, result: memory as ReturnType<typeof slot> })
}
