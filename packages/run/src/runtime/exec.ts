import { closeSync } from 'node:fs'
import { resolve } from 'node:path'
import { CAPABILITIES, ChildProcess, connectUnix, type Launched, launch, openCgroup, parseCapability, pidfdOpen } from '@gocker/kernel'
import type { RuntimeCapabilities, RuntimeProcess, RuntimeSpec } from '@gocker/oci'
import { isAlive } from '@gocker/store'
import { RunError } from '../error.ts'
import { execError } from '../life/exec/exec-error.ts'
import { CONTAINER_DESCRIPTOR } from '../program/exec/join.ts'
import { REPORTS } from '../program/monitor.ts'
import { CONSOLE_DESCRIPTOR } from '../program/terminal.ts'
import { readProcess } from './config/read-bundle.ts'
import { completeProcess, processFacts } from './facts.ts'
import { forwardSignals } from './forward-signals.ts'
import { placeOf, type RuntimeHome, type RuntimePlace } from './home.ts'
import { preservedDescriptor } from './program/descriptors.ts'
import { toRuntimeExecProgram } from './program/exec-program.ts'
import { exitCodeOf } from './run.ts'
import { type RuntimeRecord, readConfig, readRecord, statusOf, writeWhole } from './state.ts'

/** The command by itself, in JSON of the specification, or as changes to the container's own process. */
export interface RuntimeExecOptions extends ProcessChanges {
  readonly processFile?: string
  readonly consoleSocket?: string
  readonly pidFile?: string
  readonly preserveFds?: number
  /** Does not wait for its end. */
  readonly detach?: boolean
  readonly ignorePaused?: boolean
}

interface ProcessChanges {
  readonly command?: readonly string[]
  readonly tty?: boolean
  readonly user?: { readonly uid: number; readonly gid?: number }
  readonly additionalGids?: readonly number[]
  readonly cwd?: string
  readonly env?: readonly string[]
  readonly capabilities?: readonly string[]
  readonly noNewPrivileges?: boolean
  readonly apparmorProfile?: string
}

/**
 * Runs one more command in a container, with this process's stdin, stdout and stderr. It is a child of this process, and when this one ends a
 * child of whoever looks after its orphans.
 * @returns its exit code, 128 and the signal's number for a signal; 0 where it is not waited for
 * @throws {RunError} `NO_SUCH_CONTAINER`, `WRONG_STATUS`, `INVALID_SPEC`, `NOT_FOUND_IN_CONTAINER`, `CANNOT_INVOKE`, `LAUNCH_FAILED`
 */
export async function execInRuntime(home: RuntimeHome, id: string, options: RuntimeExecOptions): Promise<number> {
  const place = placeOf(home, id)
  const record = readRecord(place)
  const status = statusOf(place, record)
  if (status === 'stopped' || status === 'creating') throw cannotExec(id, 'cannot exec in a stopped container')
  if (status === 'paused' && options.ignorePaused !== true)
    throw cannotExec(id, 'cannot exec in a paused container (use --ignore-paused to override)')
  const spec = specFor(place, record, options)
  const pid = await launchIn({ home, place, record, spec, options })
  if (options.pidFile !== undefined) writeWhole(resolve(options.pidFile), `${pid}`)
  if (options.detach === true) return 0
  const child = new ChildProcess(pid)
  const forwarded = forwardSignals(child)
  try {
    return await exitCodeOf(child)
  } finally {
    forwarded.stop()
  }
}

function cannotExec(id: string, why: string): RunError {
  return new RunError('WRONG_STATUS', `running a command in container ${id}: ${why}`)
}

function specFor(place: RuntimePlace, { rootfs }: RuntimeRecord, options: RuntimeExecOptions): RuntimeSpec {
  const spec = readConfig(place)
  const process = options.processFile === undefined ? changed(spec.process, options) : readProcess(options.processFile)
  if (process.args.length === 0) throw new RunError('NO_COMMAND', 'running a command in a container: it is not said which')
  const terminal = options.tty ?? process.terminal ?? false
  if (terminal && options.consoleSocket === undefined)
    throw new RunError('INVALID_OPTION', 'running a command with a terminal: --console-socket has to say who gets its other side')
  return { ...spec, process: completeProcess({ ...process, terminal }, rootfs) }
}

function changed(own: RuntimeProcess, changes: ProcessChanges): RuntimeProcess {
  const { command = [], user, additionalGids = [], cwd, env = [], capabilities = [], noNewPrivileges } = changes
  const { consoleSize: _, ...process } = own
  const gids = [...(user === undefined ? (own.user.additionalGids ?? []) : []), ...additionalGids]
  return {
    ...process,
    terminal: false,
    args: command,
    user: { ...own.user, ...(user !== undefined && { uid: user.uid, gid: user.gid ?? 0 }), additionalGids: gids },
    cwd: cwd ?? own.cwd,
    env: [...own.env, ...env],
    ...(capabilities.length > 0 && { capabilities: withCapabilities(own.capabilities ?? {}, capabilities) }),
    ...(noNewPrivileges === true && { noNewPrivileges }),
    ...(changes.apparmorProfile !== undefined && { apparmorProfile: changes.apparmorProfile }),
  }
}

/** @throws {KernelError} `EINVAL` for a name that is none */
function withCapabilities(sets: RuntimeCapabilities, names: readonly string[]): RuntimeCapabilities {
  const added = names.map((name) => parseCapability(name)).filter((name) => name in CAPABILITIES)
  const all = (['bounding', 'effective', 'permitted'] as const).map((set) => [set, [...new Set([...(sets[set] ?? []), ...added])]])
  return { ...sets, ...Object.fromEntries(all) }
}

interface Execution {
  readonly home: RuntimeHome
  readonly place: RuntimePlace
  readonly record: RuntimeRecord
  readonly spec: RuntimeSpec
  readonly options: RuntimeExecOptions
}

async function launchIn({ home, place, record, spec, options }: Execution): Promise<number> {
  const { preserveFds = 0, consoleSocket } = options
  const opened: number[] = []
  const open = (fd: number) => opened[opened.push(fd) - 1] as number
  try {
    const container = open(pidfdOpen(record.pid))
    // Asked after the opening: a number that was another process's then is another's now.
    if (!isAlive(record)) throw cannotExec(place.id, 'cannot exec in a stopped container')
    const cgroup = openCgroup(record.cgroup)
    const program = toRuntimeExecProgram(spec, {
      ...(await processFacts(spec, home)),
      id: place.id,
      firstProcess: record.pid,
      cgroup: { entries: cgroup.entries, views: cgroup.views },
      preserved: preserveFds,
      noNewKeyring: false,
    })
    const launched = await launch(program, {
      title: `gocker-runtime: ${place.id} exec`,
      stdio: [0, 1, 2],
      descriptors: {
        ...Object.fromEntries(Array.from({ length: preserveFds }, (_, index) => [preservedDescriptor(index), 3 + index])),
        [CONTAINER_DESCRIPTOR]: container,
        ...(spec.process.terminal === true && { [CONSOLE_DESCRIPTOR]: open(connectUnix(resolve(consoleSocket ?? ''))) }),
      },
      directory: place.directory,
      cwd: '/',
    })
    return await untilItRuns(launched, place.id, spec)
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}

/** The command's pid, once it has taken the program's place. */
async function untilItRuns(launched: Launched, name: string, { process: { args, cwd } }: RuntimeSpec): Promise<number> {
  try {
    const [pid = 0n] = await launched.report(REPORTS.started)
    await launched.report(REPORTS.settled)
    launched.release()
    return Number(pid)
  } catch (cause) {
    const { failure } = await launched.exited
    if (failure !== undefined) throw execError(failure, { name, args, cwd })
    throw new RunError('LAUNCH_FAILED', `running a command in container ${name}: it was killed before it began`, { cause })
  }
}
