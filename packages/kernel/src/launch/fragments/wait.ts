import { signalNumber } from '../../door/signals.ts'
import { at, type Slot, shown, slot, value } from '../operand.ts'
import type { LaunchProgram } from '../program.ts'
import { everySignal, SIGNAL_SET_SIZE } from './signals.ts'

const WNOHANG = 1

/** A child, by the slot that holds its pid, and the slot for its raw wait status. */
export interface Child {
  readonly pid: Slot
  readonly status: Slot
}

/**
 * Waits until the child has ended.
 * @see wait4(2)
 */
export function waitForChild(program: LaunchProgram, { pid, status }: Child): void {
  const again = program.freshLabel('wait')
  program.label(again)
  program.row({ name: 'wait for the child', call: 'wait4', args: [value(pid), status, 0, 0], pass: ['EINTR'], onError: again })
}

/**
 * Waits until the child has ended; until then passes on every signal to it, and reaps what other children are
 * left to this process: what the first process of a container has to do. Signals must be blocked since before the child was made.
 * @see sigtimedwait(2), wait4(2)
 */
export function superviseChild(program: LaunchProgram, { pid, status }: Child): void {
  const [next, reap, done] = ['next signal', 'reap', 'child has ended'].map((label) => program.freshLabel(label)) as [
    string,
    string,
    string,
  ]
  const signal = slot('signal')
  const ended = slot('ended')
  program
    .label(next)
    .row({
      name: 'wait for a signal',
      call: 'rt_sigtimedwait',
      args: [shown(everySignal, 'every signal'), 0, 0, SIGNAL_SET_SIZE],
      result: signal,
      pass: ['EINTR', 'EAGAIN'],
      onError: next,
    })
    .compare({ name: 'has a child ended?', a: value(signal), b: shown(signalNumber('SIGCHLD'), 'SIGCHLD'), onZero: reap })
    .row({ name: 'pass the signal on', call: 'kill', args: [value(pid), value(signal)], pass: 'any' })
    .jump(next)
    .label(reap)
    .row({
      name: 'take the status of a child that has ended',
      call: 'wait4',
      args: [-1, status, shown(WNOHANG, 'WNOHANG'), 0],
      result: ended,
      onZero: next,
    })
    .compare({ name: 'is it the child?', a: value(ended), b: value(pid), onZero: done })
    .jump(reap)
    .label(done)
}

/**
 * Ends as the child did: with its exit code, or with 128 and the number of the signal that ended it.
 * @param status a raw wait status
 */
export function exitAs(program: LaunchProgram, status: Slot): void {
  const [exited, uncored] = ['it exited', 'no core'].map((label) => program.freshLabel(label)) as [string, string]
  const code = slot('exit code')
  program
    // exit_group looks at the lowest byte alone, and the exit code is the second byte of a status.
    .compare({ name: 'did the child exit with 0?', a: value(status), b: 0, onZero: exited })
    .compare({ name: 'did the child exit by itself?', a: value(status), b: 0x100, onZero: exited, onPositive: exited })
    .compare({ name: 'did the child dump core?', a: value(status), b: 0x80, onNegative: uncored })
    .row({ name: 'exit with 128 and the signal', call: 'exit_group', args: [value(status)] })
    .label(uncored)
    .compare({ name: 'add 128 to the signal', a: value(status), b: -0x80, result: code })
    .row({ name: 'exit with 128 and the signal', call: 'exit_group', args: [value(code)] })
    .label(exited)
    .row({ name: 'exit with the exit code of the child', call: 'exit_group', args: [value(at(status, 1))] })
}
