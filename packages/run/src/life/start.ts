import { writeFileSync } from 'node:fs'
import { type Cgroup, createCgroup, processStartTime, socketPair, type WindowSize } from '@gocker/kernel'
import { CONSOLE_DESCRIPTOR } from '../program/terminal.ts'
import { type ContainerParts, stateOf } from './container.ts'
import { containerEvent } from './container-event.ts'
import type { ExitStatus } from './exit-status.ts'
import { killerOf, onAbort, untilExit } from './followed-process.ts'
import { startHealthChecks } from './health/start-health-checks.ts'
import { type LaunchedContainer, launchContainer } from './launch-container.ts'
import { releaseNetworks } from './networks.ts'
import { removeHeld } from './remove-container.ts'
import type { RunningCommand } from './running-command.ts'
import { type StdioOptions, StdioPipes } from './stdio.ts'
import { closePair, receiveTerminal } from './terminal.ts'

export interface StartOptions {
  /** Where there is no terminal. */
  readonly stdio?: StdioOptions
  /** Of the terminal, at first. */
  readonly windowSize?: WindowSize
  /** Kills the container. */
  readonly signal?: AbortSignal
}

/** A container whose command runs. */
export interface RunningContainer extends RunningCommand {
  readonly id: string
  /** Resolves when it has ended and its cgroup is gone, and the container itself where that was asked for. */
  readonly exited: Promise<ExitStatus>
}

/** The cgroup first, then the program; whatever fails, neither is left. */
export async function startContainer(parts: ContainerParts, options: StartOptions): Promise<RunningContainer> {
  options.signal?.throwIfAborted()
  const { cgroupsPath = '', resources = {} } = parts.spec.linux
  const cgroup = await createCgroup({ path: cgroupsPath, resources })
  try {
    const process = await launchIn(cgroup, parts, options)
    return await follow(process, { cgroup, parts, options })
  } catch (error) {
    await cgroup.kill()
    await cgroup.remove()
    await releaseNetworks(parts.store, parts.record.id)
    throw error
  }
}

interface ContainerProcess extends LaunchedContainer {
  readonly streams: Pick<RunningCommand, 'stdin' | 'stdout' | 'stderr' | 'terminal'>
}

async function launchIn(cgroup: Cgroup, parts: ContainerParts, { stdio = {}, windowSize }: StartOptions): Promise<ContainerProcess> {
  const hasTerminal = parts.spec.process.terminal === true
  const pipes = new StdioPipes(hasTerminal ? { stdout: 'ignore', stderr: 'ignore' } : stdio)
  const sockets = hasTerminal ? socketPair('seqpacket') : []
  try {
    const descriptors = sockets[1] === undefined ? {} : { [CONSOLE_DESCRIPTOR]: sockets[1] }
    const started = await launchContainer(parts, cgroup, {
      plumbing: { kinds: pipes.kinds, sources: pipes.sources, descriptors },
      windowSize,
    })
    pipes.closeTheirs()
    return { ...started, streams: sockets[0] === undefined ? pipes.streams() : { terminal: receiveTerminal(sockets[0]) } }
  } catch (error) {
    pipes.closeAll()
    throw error
  } finally {
    closePair(sockets)
  }
}

interface Circumstances {
  readonly cgroup: Cgroup
  readonly parts: ContainerParts
  readonly options: StartOptions
}

async function follow({ launched, pid, streams }: ContainerProcess, { cgroup, parts, options }: Circumstances): Promise<RunningContainer> {
  const { store, record } = parts
  const startedAt = new Date()
  const startTime = processStartTime(pid)
  const state = { ...stateOf(record, 'running'), pid, ...(startTime !== undefined && { startTime }), startedAt: startedAt.toISOString() }
  await store.containers.writeState(record.id, state)
  await startHealthChecks({ ...parts, container: { pid, startTime: startTime ?? 0 } })
  if (!record.remove) writeFileSync(store.paths.bundle(record.id).started, state.startedAt)
  await containerEvent(store, record, 'start')
  const kill = killerOf(pid, startTime)
  const stopListening = onAbort(options.signal, () => kill('SIGKILL'))
  const exited = untilExit(launched, startedAt).then(async (ended) => {
    stopListening()
    streams.stdin?.destroy()
    const status = { ...ended, oomKilled: await cgroup.oomKilled() }
    await cgroup.remove()
    await releaseNetworks(store, record.id, { takenBy: process.pid })
    await keepExit(parts, status)
    return status
  })
  // Who does not ask how it ended need not hear of it.
  exited.catch(() => {})
  return { id: record.id, pid, ...streams, kill, exited }
}

async function keepExit({ store, record, options }: ContainerParts, status: ExitStatus): Promise<void> {
  await containerEvent(store, record, 'die', { exitCode: `${status.code}` })
  if (options.remove) {
    await removeHeld(store, record)
    return
  }
  const { code, signal, oomKilled, startedAt, finishedAt } = status
  const exit = { code, ...(signal !== undefined && { signal }), ...(oomKilled && { oomKilled }) }
  const times = { startedAt: startedAt.toISOString(), finishedAt: finishedAt.toISOString() }
  writeFileSync(store.paths.bundle(record.id).exit, JSON.stringify({ ...exit, ...times }))
  await store.containers.writeState(record.id, { ...stateOf(record, 'stopped'), ...times, exit })
}
