import { resolve } from 'node:path'
import { CAPABILITIES, ChildProcess, parseCapability } from '@gocker/kernel'
import type { RuntimeCapabilities, RuntimeProcess, RuntimeSpec } from '@gocker/oci'
import { RunError } from '../error.ts'
import { readProcess } from './config/read-bundle.ts'
import { completeProcess, withSize } from './facts.ts'
import { forwardSignals } from './forward-signals.ts'
import { placeOf, type RuntimeHome, type RuntimePlace } from './home.ts'
import { cannotExec, type Execution, launchExec } from './launch-exec.ts'
import { type LentTerminal, TerminalSocket } from './lent-terminal.ts'
import { exitCodeOf } from './run.ts'
import { type RuntimeRecord, readConfig, readRecord, statusOf, writeWhole } from './state.ts'

/** The command by itself, in JSON of the specification, or as changes to the container's own process. */
export interface RuntimeExecOptions extends ProcessChanges {
  readonly processFile?: string
  /** As {@link RuntimeCreateOptions.consoleSocket}. */
  readonly consoleSocket?: string | number
  readonly pidFile?: string
  readonly preserveFds?: number
  /** Does not wait for its end. */
  readonly detach?: boolean
  readonly ignorePaused?: boolean
  /** For a command with a terminal that is waited for, where no `consoleSocket` is named. */
  readonly terminal?: LentTerminal
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
  const { terminal, consoleSocket } = options
  const execution = { home, place, record, spec, options }
  if (spec.process.terminal !== true || terminal === undefined || consoleSocket !== undefined) return await execute(execution, exitCodeOf)
  const socket = new TerminalSocket()
  try {
    const lending = { ...execution, options: { ...options, consoleSocket: socket.theirs } }
    return await execute(lending, (child) => socket.lend(terminal, () => exitCodeOf(child)))
  } finally {
    socket.close()
  }
}

async function execute(execution: Execution, wait: (child: ChildProcess) => Promise<number>): Promise<number> {
  const { options } = execution
  const pid = await launchExec(execution)
  if (options.pidFile !== undefined) writeWhole(resolve(options.pidFile), `${pid}`)
  if (options.detach === true) return 0
  const child = new ChildProcess(pid)
  const forwarded = forwardSignals(child)
  try {
    return await wait(child)
  } finally {
    forwarded.stop()
  }
}

function specFor(place: RuntimePlace, { rootfs }: RuntimeRecord, options: RuntimeExecOptions): RuntimeSpec {
  const spec = readConfig(place)
  const process = options.processFile === undefined ? changed(spec.process, options) : readProcess(options.processFile)
  if (process.args.length === 0) throw new RunError('NO_COMMAND', 'running a command in a container: it is not said which')
  const terminal = options.tty ?? process.terminal ?? false
  const isLent = options.terminal !== undefined && options.detach !== true
  if (terminal && options.consoleSocket === undefined && !isLent)
    throw new RunError('INVALID_OPTION', 'running a command with a terminal: --console-socket has to say who gets its other side')
  const lent = options.consoleSocket === undefined ? options.terminal : undefined
  return { ...spec, process: withSize(completeProcess({ ...process, terminal }, rootfs), lent?.size()) }
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
