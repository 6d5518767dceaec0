import { type Launched, launch, openCgroup, pidfdOpen } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { isAlive } from '@gocker/store'
import { RunError } from '../error.ts'
import { execError } from '../life/exec/exec-error.ts'
import { CONTAINER_DESCRIPTOR } from '../program/exec/join.ts'
import { REPORTS } from '../program/monitor.ts'
import { giveAgent, noticeOf, noticeSize } from './agent.ts'
import type { RuntimeExecOptions } from './exec.ts'
import { processFacts } from './facts.ts'
import { GivenDescriptors } from './given.ts'
import type { RuntimeHome, RuntimePlace } from './home.ts'
import { toRuntimeExecProgram } from './program/exec-program.ts'
import { DESCRIPTORS } from './program/plan.ts'
import type { RuntimeRecord } from './state.ts'

export interface Execution {
  readonly home: RuntimeHome
  readonly place: RuntimePlace
  readonly record: RuntimeRecord
  /** The container's, with the command's own `process`. */
  readonly spec: RuntimeSpec
  readonly options: RuntimeExecOptions
}

/** Starts the program that joins a container, and waits until the command has begun. @returns its pid */
export async function launchExec(execution: Execution): Promise<number> {
  const { place, record } = execution
  const given = new GivenDescriptors()
  try {
    given.give(CONTAINER_DESCRIPTOR, pidfdOpen(record.pid))
    // Asked after the opening: a number that was another process's then is another's now.
    if (!isAlive(record)) throw cannotExec(place.id, 'cannot exec in a stopped container')
    return await untilItRuns(await launched(execution, given), execution, given)
  } finally {
    given.close()
  }
}

async function launched({ home, place, record, spec, options }: Execution, given: GivenDescriptors): Promise<Launched> {
  const { preserveFds = 0, consoleSocket } = options
  const notice = noticeSize({ spec, record, status: 'running' })
  given.givePreserved(preserveFds)
  if (spec.process.terminal === true) given.giveConsole(consoleSocket ?? '')
  giveAgent(given, spec)
  if (notice.noticeSize !== undefined) given.giveGate()
  const cgroup = openCgroup(record.cgroup)
  const program = toRuntimeExecProgram(spec, {
    ...(await processFacts(spec, home)),
    ...notice,
    id: place.id,
    firstProcess: record.pid,
    cgroup: { entries: cgroup.entries, views: cgroup.views },
    preserved: preserveFds,
    noNewKeyring: false,
    // Who reads it here waits for it in no call.
    terminalWaits: typeof consoleSocket !== 'number',
  })
  return await launch(program, {
    title: `gocker-runtime: ${place.id} exec`,
    stdio: [0, 1, 2],
    descriptors: given.descriptors,
    directory: place.directory,
    cwd: '/',
  })
}

/** The command's pid, once it has taken the program's place. */
async function untilItRuns(running: Launched, execution: Execution, given: GivenDescriptors): Promise<number> {
  const { place, record, spec } = execution
  const { args, cwd } = spec.process
  try {
    const [number = 0n] = await running.report(REPORTS.started)
    const pid = Number(number)
    given.write(DESCRIPTORS.notice, noticeOf({ spec, record, status: 'running' }, pid))
    given.openGate()
    await running.report(REPORTS.settled)
    running.release()
    return pid
  } catch (cause) {
    given.close()
    const { failure } = await running.exited
    if (failure !== undefined) throw execError(failure, { name: place.id, args, cwd })
    throw new RunError('LAUNCH_FAILED', `running a command in container ${place.id}: it was killed before it began`, { cause })
  }
}

export function cannotExec(id: string, why: string): RunError {
  return new RunError('WRONG_STATUS', `running a command in container ${id}: ${why}`)
}
