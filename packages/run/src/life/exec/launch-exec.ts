import type { Socket } from 'node:net'
import { boundingCapabilities, hasSingleId, inUserNamespace, type Launched, lastCapability, launch, socketPair } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { RunError } from '../../error.ts'
import { seccompFilter } from '../../host/seccomp-filter.ts'
import { type ExecFacts, toExecProgram } from '../../program/exec/exec-program.ts'
import { CONTAINER_DESCRIPTOR } from '../../program/exec/join.ts'
import { REPORTS } from '../../program/monitor.ts'
import { CONSOLE_DESCRIPTOR } from '../../program/terminal.ts'
import { idsOf, requireMapped } from '../../user-namespace/require-mapped.ts'
import { endWhenRead } from '../end-when-read.ts'
import type { RunningCommand } from '../running-command.ts'
import { readSettings } from '../settings.ts'
import { StdioPipes } from '../stdio.ts'
import { closePair, receiveTerminal } from '../terminal.ts'
import type { ExecOptions } from './exec.ts'
import { execError } from './exec-error.ts'
import { execSpec } from './exec-spec.ts'
import type { HeldContainer } from './running.ts'
import { findUser } from './users.ts'

export interface LaunchExecOptions extends ExecOptions {
  /** With whose end the command ends. */
  readonly parent: number | undefined
}

export interface LaunchedExec {
  readonly launched: Launched
  /** Of the command. */
  readonly pid: number
  readonly streams: Pick<RunningCommand, 'stdin' | 'stdout' | 'stderr' | 'terminal'>
  /** Once the command has ended. */
  endStreams(): void
}

/** Resolves when the command runs; whatever fails, nothing is left. */
export async function launchExec(store: Store, container: HeldContainer, options: LaunchExecOptions): Promise<LaunchedExec> {
  const spec = specFor(container, options)
  const hasTerminal = spec.process.terminal === true
  const pipes = new StdioPipes(hasTerminal ? { stdout: 'ignore', stderr: 'ignore' } : (options.stdio ?? {}))
  const sockets = hasTerminal ? socketPair('seqpacket') : []
  try {
    if (readSettings(container.record).userns?.mode === 'auto') {
      const { giveStdio, withIdsOf } = await import('../../user-namespace/give-stdio.ts')
      giveStdio(pipes, withIdsOf(container.pid, spec))
    }
    const launched = await launch(toExecProgram(spec, await factsFor(store, { container, spec, pipes, options })), {
      title: `gocker: ${container.record.name} exec`,
      stdio: pipes.sources,
      descriptors: { [CONTAINER_DESCRIPTOR]: container.pidfd, ...(sockets[1] !== undefined && { [CONSOLE_DESCRIPTOR]: sockets[1] }) },
      directory: store.paths.runDir(container.record.id),
      cwd: '/',
      detached: options.parent === undefined,
      ...(options.signal !== undefined && { signal: options.signal }),
    })
    const pid = await untilItRuns(launched, container.record.name, spec)
    pipes.closeTheirs()
    return { launched, pid, ...connect(pipes, sockets[0]) }
  } catch (error) {
    pipes.closeAll()
    options.signal?.throwIfAborted()
    throw error
  } finally {
    closePair(sockets)
  }
}

function specFor(container: HeldContainer, { user, privileged = false, ...request }: LaunchExecOptions): RuntimeSpec {
  const { groupAdd = [] } = readSettings(container.record)
  const found = user === undefined || user === '' ? undefined : findUser(container, user, groupAdd)
  if (found !== undefined) requireMapped(found.identity, idsOf(container.spec.linux))
  return execSpec(container.spec, request, {
    caller: process.env,
    ...(found !== undefined && { user: found }),
    ...(privileged && { capabilities: boundingCapabilities() }),
  })
}

interface Circumstances {
  readonly container: HeldContainer
  readonly spec: RuntimeSpec
  readonly pipes: StdioPipes
  readonly options: LaunchExecOptions
}

async function factsFor(store: Store, { container, spec, pipes, options: { parent, windowSize } }: Circumstances): Promise<ExecFacts> {
  const { seccomp } = spec.linux
  return {
    id: container.record.id,
    parent,
    cgroup: container.cgroup,
    firstProcess: container.pid,
    stdio: pipes.kinds,
    seccompFilter: seccomp === undefined ? undefined : await seccompFilter(seccomp, store.paths.run),
    lastCapability: lastCapability(),
    ...(inUserNamespace() && { inUserNamespace: true, singleId: hasSingleId() }),
    ...(windowSize !== undefined && { windowSize }),
  }
}

/** The command's pid, once it has taken the program's place. */
async function untilItRuns(launched: Launched, name: string, { process: { args, cwd } }: RuntimeSpec): Promise<number> {
  try {
    const [pid = 0n] = await launched.report(REPORTS.started)
    await launched.report(REPORTS.settled)
    return Number(pid)
  } catch (cause) {
    const { failure } = await launched.exited
    if (failure !== undefined) throw execError(failure, { name, args, cwd })
    throw new RunError('LAUNCH_FAILED', `running a command in container ${name}: it was killed before it began`, { cause })
  }
}

function connect(pipes: StdioPipes, socket: number | undefined): Pick<LaunchedExec, 'streams' | 'endStreams'> {
  const streams = socket === undefined ? pipes.streams() : { terminal: receiveTerminal(socket) }
  const endStreams = () => {
    const { stdin, stdout, stderr, terminal } = streams as RunningCommand
    stdin?.destroy()
    terminal?.end()
    for (const stream of [stdout, stderr]) if (stream !== undefined) void endWhenRead(stream as Socket)
  }
  return { streams, endStreams }
}
