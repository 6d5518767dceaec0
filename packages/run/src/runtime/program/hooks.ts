import { fork, resetSignals, type Slot, shown, slot, struct, value, vector } from '@gocker/kernel'
import type { RuntimeHook } from '@gocker/oci'
import { AT_FDCWD, SIGCHLD, SIGNAL_SET_SIZE, signal, TO_WRITE } from '../../program/constants.ts'
import type { PlanWith } from '../../program/plan.ts'
import { signalSet } from '../../program/signals.ts'

/** What is told of a hook that was in vain: the number among all hooks that the program runs, and its raw wait status, or -1 for one that took too long. */
export const HOOK_FAILED = 'hook failed'
const SEEK_SET = shown(0, 'SEEK_SET')
const WNOHANG = shown(1, 'WNOHANG')
const CLOSE_ON_EXEC = shown(4, 'CLOSE_RANGE_CLOEXEC')
const LAST = shown(0xffff_ffff, '~0')

export interface HooksToRun {
  readonly kind: 'createContainer' | 'startContainer'
  readonly hooks: readonly RuntimeHook[]
  /** The number of the first among all hooks that the program runs. */
  readonly first: number
  /** The descriptor that has the container's state, as JSON. */
  readonly state: number
}

/**
 * Runs hooks where the process is: each gets the state on stdin and has to end well in its time, or the program ends.
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config.md#posix-platform-hooks
 */
export function runHooks(program: PlanWith['program'], { kind, hooks, first, state }: HooksToRun): void {
  for (const [index, hook] of hooks.entries()) {
    const name = `${kind} hook ${hook.path}`
    const child = `${name} (${index + 1})`
    const pid = slot('hook pid')
    const [waited, done] = [`${child} has ended`, `${child} is done`]
    fork(program, { name: `make a process for ${name}`, pid, child, isolates: `${kind} hooks` })
    waitFor(program, { pid, timeout: hook.timeout, ended: waited })
    program.label(waited)
    program.compare({ name: 'did it end well?', a: value(status), b: 0, onZero: done })
    program.report(HOOK_FAILED, [struct([first + index]), status])
    program.jump('end')
    program.label(child)
    beHook(program, { child, name, hook, state })
    program.label(done)
  }
}

const status = slot('hook status')

interface Waiting {
  readonly pid: Slot
  readonly timeout: number | undefined
  readonly ended: string
}

function waitFor(program: PlanWith['program'], { pid, timeout, ended }: Waiting): void {
  const again = program.freshLabel('wait for the hook')
  program.compare({ name: 'forget the one before', a: 0, b: 0, result: status })
  program.label(again)
  if (timeout === undefined) {
    program.row({ name: 'wait for the hook', call: 'wait4', args: [value(pid), status, 0, 0], pass: ['EINTR'], onError: again })
    return
  }
  const late = program.freshLabel('the hook takes too long')
  program.row({
    name: `wait ${timeout} s for the hook`,
    call: 'rt_sigtimedwait',
    args: [shown(signalSet(SIGCHLD), 'SIGCHLD'), 0, struct([timeout, 0]), SIGNAL_SET_SIZE],
    pass: ['EAGAIN', 'EINTR'],
    onError: late,
  })
  // It may be the end of a process that was left to this one.
  const look = { call: 'wait4', args: [value(pid), status, WNOHANG, 0] } as const
  program.row({ name: 'see whether the hook has ended', ...look, onPositive: ended, onZero: again })
  program.label(late)
  program.row({ name: 'end it', call: 'kill', args: [value(pid), signal('SIGKILL')], pass: ['ESRCH'] })
  program.row({ name: 'see that it has ended', call: 'wait4', args: [value(pid), 0, 0, 0] })
  program.compare({ name: 'remember that it took too long', a: 0, b: 1, result: status })
}

interface Being {
  readonly child: string
  readonly name: string
  readonly hook: RuntimeHook
  readonly state: number
}

/** The hook's own process: what it says goes nowhere, since stdout is the container's. */
function beHook(program: PlanWith['program'], { child, name, hook, state }: Being): void {
  const nothing = slot('null of the hook')
  const quiet = `${child} is quiet`
  program.row({ name: 'give it the state', call: 'dup3', args: [state, 0, 0] })
  program.row({ name: 'from its beginning', call: 'lseek', args: [0, 0, SEEK_SET] })
  const opening = { call: 'openat', args: [AT_FDCWD, '/dev/null', TO_WRITE], result: nothing } as const
  program.row({ name: 'open /dev/null', ...opening, pass: 'any', onError: quiet })
  for (const fd of [1, 2]) program.row({ name: 'let it say nothing', call: 'dup3', args: [value(nothing), fd, 0] })
  program.label(quiet)
  resetSignals(program)
  program.row({ name: 'close all else', call: 'close_range', args: [3, LAST, CLOSE_ON_EXEC] })
  program.row({ name: `run ${name}`, call: 'execve', args: [hook.path, vector(hook.args ?? [hook.path]), vector(hook.env ?? [])] })
}
