import { resolve } from 'node:path'
import { type Cgroup, type Launched, type LaunchProgram, launch, listenUnix, memfd, processStartTime } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { RunError } from '../error.ts'
import { launchError } from '../life/launch-error.ts'
import { REPORTS } from '../program/monitor.ts'
import { CONSOLE_DESCRIPTOR } from '../program/terminal.ts'
import { giveAgent, noticeOf, noticeSize } from './agent.ts'
import type { RuntimeCreateOptions } from './create.ts'
import { runtimeFacts } from './facts.ts'
import { GivenDescriptors } from './given.ts'
import type { RuntimeHome, RuntimePlace } from './home.ts'
import { programHookFailed } from './hook-failure.ts'
import { runHostHooks } from './host-hooks.ts'
import { MountsGiven } from './mounts-given.ts'
import { CREATED, toCreateProgram } from './program/create-program.ts'
import { HOOK_FAILED } from './program/hooks.ts'
import { DESCRIPTORS } from './program/plan.ts'
import { writeRows } from './rows.ts'
import { hookState, type RuntimeRecord, type RuntimeStatus, writeRecord, writeWhole } from './state.ts'

export interface Creation {
  readonly home: RuntimeHome
  readonly place: RuntimePlace
  readonly spec: RuntimeSpec
  readonly bundle: string
  readonly options: RuntimeCreateOptions
}

interface Prepared {
  readonly creation: Creation
  readonly record: RuntimeRecord
  readonly mounts: MountsGiven
}

/**
 * Starts the program that makes a container, and waits until it is created. @returns the pid of its first process
 * @throws {RunError} `HOOK_FAILED`, `NOT_FOUND_IN_CONTAINER`, `CANNOT_INVOKE`, `LAUNCH_FAILED`, {KernelError}; processes may be left in the cgroup
 */
export async function launchFirst(creation: Creation, cgroup: Cgroup, record: RuntimeRecord): Promise<number> {
  const { home, place, spec, options } = creation
  const { preserveFds = 0, noPivot = false, noNewKeyring = false, consoleSocket } = options
  const flags = { preserved: preserveFds, noPivot, noNewKeyring }
  const mounts = await MountsGiven.make(spec)
  try {
    const facts = {
      ...(await runtimeFacts(spec, { home, id: place.id, cgroup, ...flags })),
      ...noticeSize({ spec, record, status: statusWhenFiltered(spec) }),
      mountsGiven: mounts.names,
      // Who reads it here waits for it in no call.
      terminalWaits: typeof consoleSocket !== 'number',
    }
    return await launchProgram(toCreateProgram(spec, facts), { creation, record, mounts })
  } finally {
    mounts.close()
  }
}

/** With no_new_privs the filter comes last, when the container is created and somebody starts it. */
function statusWhenFiltered({ process: { noNewPrivileges = false } }: RuntimeSpec): RuntimeStatus {
  return noNewPrivileges ? 'created' : 'creating'
}

async function launchProgram(program: LaunchProgram, { creation, record, mounts }: Prepared): Promise<number> {
  const { place } = creation
  const given = givenTo(program, creation)
  try {
    const failed: (readonly bigint[])[] = []
    const launched = await launch(program, {
      title: `gocker-runtime: ${place.id}`,
      stdio: [0, 1, 2],
      descriptors: { ...given.descriptors, ...mounts.descriptors },
      directory: place.directory,
      cwd: '/',
      onMessage: (message) => message.type === 'report' && message.name === HOOK_FAILED && failed.push(message.values),
    })
    given.closeTheirs(DESCRIPTORS.start, DESCRIPTORS.gate, DESCRIPTORS.agent, CONSOLE_DESCRIPTOR)
    writeRows(place, program)
    return await untilCreated(launched, { creation, record, given, failed })
  } finally {
    given.close()
  }
}

function givenTo({ descriptors: names }: LaunchProgram, { place, spec, options }: Creation): GivenDescriptors {
  const { preserveFds = 0, consoleSocket = '' } = options
  const given = new GivenDescriptors()
  try {
    given.givePreserved(preserveFds)
    given.give(DESCRIPTORS.start, listenUnix(place.start))
    for (const name of [DESCRIPTORS.creating, DESCRIPTORS.created]) if (names.includes(name)) given.give(name, memfd('state'))
    if (names.includes(CONSOLE_DESCRIPTOR)) given.giveConsole(consoleSocket)
    giveAgent(given, spec)
    if (names.includes(DESCRIPTORS.gate)) given.giveGate()
    return given
  } catch (error) {
    given.close()
    throw error
  }
}

interface Launching {
  readonly creation: Creation
  readonly record: RuntimeRecord
  readonly given: GivenDescriptors
  readonly failed: readonly (readonly bigint[])[]
}

async function untilCreated(launched: Launched, { creation, record, given, failed }: Launching): Promise<number> {
  const { place, spec, options } = creation
  try {
    const [number = 0n] = await launched.report(REPORTS.started)
    const pid = Number(number)
    const known = { ...record, pid, startTime: processStartTime(pid) ?? 0 }
    writeRecord(place, known)
    await passGate(spec, known, given)
    await launched.report(CREATED)
    if (options.pidFile !== undefined) writeWhole(resolve(options.pidFile), `${pid}`)
    launched.release()
    return pid
  } catch (cause) {
    given.close()
    if (cause instanceof RunError) throw cause
    const { failure } = await launched.exited
    if (failure !== undefined) throw launchError(failure, spec.process.args)
    const [[index = 0n, status = 0n] = []] = failed
    if (failed.length > 0) throw programHookFailed(spec, { index: Number(index), status: Number(status) })
    throw new RunError('LAUNCH_FAILED', 'creating the container: its first process was killed', { cause })
  }
}

/** The hooks of the host run between the making of the namespaces and the change of the root. */
async function passGate(spec: RuntimeSpec, record: RuntimeRecord, given: GivenDescriptors): Promise<void> {
  const { hooks = {} } = spec
  const state = hookState(record, 'creating')
  await runHostHooks('prestart', hooks.prestart, state)
  await runHostHooks('createRuntime', hooks.createRuntime, state)
  given.write(DESCRIPTORS.creating, state)
  given.write(DESCRIPTORS.created, hookState(record, 'created'))
  given.write(DESCRIPTORS.notice, noticeOf({ spec, record, status: statusWhenFiltered(spec) }, record.pid))
  given.openGate()
}
