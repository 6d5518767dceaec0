import { closeOnExec, LaunchProgram, launch, processStartTime, resetSignals, SIGNALS, shown, struct, vector } from '@gocker/kernel'
import { type ContainerRecord, isAlive, type ProcessIdentity, type Store } from '@gocker/store'
import { type Caller, comebackCall } from './caller.ts'
import { untilProcessEnds } from './process-end.ts'
import { sendSignal } from './send-signal.ts'

const CLOCK_MONOTONIC = shown(1, 'CLOCK_MONOTONIC')

/** Starts what waits for some milliseconds, and then becomes the gocker that starts the container again: nothing of Node stays meanwhile. */
export async function sleepBefore(
  record: ContainerRecord,
  { caller, delay }: { readonly caller: Caller; readonly delay: number },
): Promise<ProcessIdentity> {
  const launched = await launch(sleeper(record.id, caller, delay), {
    title: `gocker: ${record.name} is to be started again`,
    stdio: ['ignore', 'ignore', 'ignore'],
    cwd: '/',
    detached: true,
  })
  const startTime = processStartTime(launched.pid) ?? 0
  launched.release()
  return { pid: launched.pid, startTime }
}

function sleeper(id: string, caller: Caller, delay: number): LaunchProgram {
  const { args, env } = comebackCall(caller, id)
  const time = struct([Math.floor(delay / 1000), (delay % 1000) * 1_000_000])
  const program = new LaunchProgram()
  program.row({ name: `wait ${delay} ms`, call: 'clock_nanosleep', args: [CLOCK_MONOTONIC, 0, time, 0] })
  resetSignals(program)
  closeOnExec(program)
  return program.row({ name: 'start the container again', call: 'execve', args: [args[0] ?? '', vector(args), vector(env)] })
}

/** Ends the wait for a container's next start: it has ended for good. Does nothing for one that is not waited for. To be called while it is held. */
export async function wakeNoMore(store: Store, record: ContainerRecord): Promise<void> {
  const state = await store.containers.readState(record.id)
  if (state?.status !== 'restarting') return
  const { sleeper, ...rest } = state
  if (sleeper !== undefined && isAlive(sleeper)) {
    sendSignal(sleeper, SIGNALS.SIGKILL as number)
    await untilProcessEnds(sleeper)
  }
  await store.containers.writeState(record.id, { ...rest, status: 'stopped' })
}
