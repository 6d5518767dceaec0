import { signalNumber } from '../../door/signals.ts'
import { type Bytes, bytes, shown, slot, value } from '../operand.ts'
import type { LaunchProgram } from '../program.ts'

const SIG_SETMASK = 2
const PR_SET_PDEATHSIG = 1
const LAST_SIGNAL = 64

/** A signal set with all in it; the kernel takes SIGKILL and SIGSTOP out. */
export const everySignal: Bytes = bytes(Buffer.alloc(8, 0xff))
export const SIGNAL_SET_SIZE = 8

const noSignal = bytes(Buffer.alloc(8))
const defaultAction = bytes(Buffer.alloc(32))

/** Lets every signal wait: none ends the process, and none is lost for a child made later. @see sigprocmask(2) */
export function blockSignals(program: LaunchProgram): void {
  setMask(program, 'let every signal wait', shown(everySignal, 'every signal'))
}

/**
 * Gives every signal its default action and lets none wait, as a program expects to be started: ignored and
 * blocked signals stay so across execve, and Node ignores SIGPIPE and SIGXFSZ.
 * @see sigaction(2), sigprocmask(2)
 */
export function resetSignals(program: LaunchProgram): void {
  const again = program.freshLabel('next signal to reset')
  const signal = slot('signal to reset')
  program
    .compare({ name: `begin with signal ${LAST_SIGNAL}`, a: LAST_SIGNAL, b: 0, result: signal })
    .label(again)
    .row({
      name: 'give the signal its default action',
      call: 'rt_sigaction',
      args: [value(signal), shown(defaultAction, '{SIG_DFL}'), 0, SIGNAL_SET_SIZE],
      // SIGKILL and SIGSTOP have no other.
      pass: ['EINVAL'],
    })
    .compare({ name: 'go on with the signal before it', a: value(signal), b: 1, result: signal, onPositive: again })
  setMask(program, 'let no signal wait', shown(noSignal, 'no signal'))
}

/**
 * The kernel sends this process a signal when the thread that made it ends. It is lost on a second clone, and when
 * the parent has ended already nothing comes: ask getppid(2), where it can tell.
 * @see prctl(2), PR_SET_PDEATHSIG
 */
export function dieWithParent(program: LaunchProgram, signal = 'SIGKILL'): void {
  const args = [shown(PR_SET_PDEATHSIG, 'PR_SET_PDEATHSIG'), shown(signalNumber(signal), signal), 0, 0, 0]
  program.row({ name: 'end with the parent', call: 'prctl', args })
}

function setMask(program: LaunchProgram, name: string, set: ReturnType<typeof shown>): void {
  program.row({ name, call: 'rt_sigprocmask', args: [shown(SIG_SETMASK, 'SIG_SETMASK'), set, 0, SIGNAL_SET_SIZE] })
}
