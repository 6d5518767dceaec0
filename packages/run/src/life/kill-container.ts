import { openCgroup, SIGNALS, signalNumber } from '@gocker/kernel'
import { type ContainerRecord, cgroupPath, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { containerEvent } from './container-event.ts'
import { untilRunEnds } from './run-end.ts'
import { sendSignal } from './send-signal.ts'
import { readSettings } from './settings.ts'
import { containerStatus } from './status.ts'
import { requestStop } from './stop-request.ts'

/**
 * Sends a signal to a container's first process. After SIGKILL, and after the signal by which it is stopped, it is not started again by its
 * restart policy; SIGKILL is waited for.
 * @param signal a name or a number
 * @throws {RunError} `NOT_RUNNING`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`; {KernelError} `EINVAL` for what is no signal
 */
export async function killContainer(
  store: Store,
  idOrName: string,
  { signal = 'SIGKILL' }: { readonly signal?: string } = {},
): Promise<void> {
  const number = signalNumber(signal)
  const record = await store.containers.get(idOrName)
  const { status, pid = 0 } = await containerStatus(store, record)
  const state = await store.containers.readState(record.id)
  if (status !== 'running' && status !== 'paused') throw notRunning(record)
  if (endsFor(number, record)) requestStop(store, record.id)
  if (!sendSignal({ pid, startTime: state?.startTime ?? 0 }, number)) throw notRunning(record)
  await containerEvent(store, record, 'kill', { signal: `${number}` })
  if (number !== SIGNALS.SIGKILL) return
  const cgroup = openCgroup(state?.cgroup ?? cgroupPath(record.id))
  if (cgroup.isFrozen()) await cgroup.thaw()
  await untilRunEnds(store, record)
}

function endsFor(number: number, record: ContainerRecord): boolean {
  const { stopSignal = 'SIGTERM' } = readSettings(record)
  return number === SIGNALS.SIGKILL || number === signalNumber(stopSignal)
}

function notRunning({ name }: ContainerRecord): RunError {
  return new RunError('NOT_RUNNING', `killing container ${name}: it is not running`)
}
