import { KernelError, openCgroup, signalNumber } from '@gocker/kernel'
import { RunError } from '../error.ts'
import { sendSignal } from '../life/send-signal.ts'
import { placeOf, type RuntimeHome } from './home.ts'
import { readConfig, readRecord, statusOf } from './state.ts'

/**
 * Sends a signal to a container's first process, or to all of its processes.
 * @param options.signal a name or a number; 0 only asks whether it is there
 * @throws {RunError} `NO_SUCH_CONTAINER`, `WRONG_STATUS` for one that does not run; {KernelError} `EINVAL` for what is no signal
 * @see https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#kill
 */
export async function killInRuntime(home: RuntimeHome, id: string, { signal: asked, all = false }: RuntimeKillOptions): Promise<void> {
  const signal = asked === '0' ? 0 : signalNumber(asked)
  const place = placeOf(home, id)
  const record = readRecord(place)
  const status = statusOf(place, record)
  const cgroup = openCgroup(record.cgroup)
  const sharesProcesses = !readConfig(place).linux.namespaces.some(({ type }) => type === 'pid')
  // Where the processes of the host are seen, none ends with the first.
  if (all || (sharesProcesses && status === 'stopped')) {
    const pids = await cgroup.processes()
    if (pids.length === 0 && !all) throw notRunning(id)
    for (const pid of pids) signalIfThere(pid, signal)
    return
  }
  if (status === 'stopped' || status === 'creating' || !sendSignal(record, signal)) throw notRunning(id)
}

export interface RuntimeKillOptions {
  readonly signal: string
  readonly all?: boolean
}

function notRunning(id: string): RunError {
  return new RunError('WRONG_STATUS', `killing container ${id}: container not running`)
}

function signalIfThere(pid: number, signal: number): void {
  try {
    process.kill(pid, signal)
  } catch (cause) {
    const { code = 'EPERM' } = cause as NodeJS.ErrnoException
    if (code !== 'ESRCH') throw new KernelError(code, `sending signal ${signal} to process ${pid}: ${code}`, { syscall: 'kill', cause })
  }
}
