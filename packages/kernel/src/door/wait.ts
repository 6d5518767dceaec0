import { callFailed, libcFunction } from './libc.ts'
import { signalName } from './signals.ts'

/** How a child ended: by itself, or by a signal. */
export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Asks how a child of this process has ended; it is gone for good then.
 * @returns undefined while it lives
 * @throws {KernelError} `ECHILD` for what is no child, or was asked about before
 * @see waitpid(2)
 */
export function waitNow(pid: number): ChildExit | undefined {
  const status = new Int32Array(1)
  const result = waitpid()(pid, status, WNOHANG)
  if (result < 0) throw callFailed('waitpid', `process ${pid}`)
  return result === 0 ? undefined : exitOf(status[0] as number)
}

function exitOf(status: number): ChildExit {
  const signal = status & 0x7f
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal: signalName(signal) as NodeJS.Signals }
}

const WNOHANG = 1
const waitpid = libcFunction<(pid: number, status: Int32Array, options: number) => number>('waitpid', 'int', ['int', 'void *', 'int'])
