import { existsSync, readFileSync } from 'node:fs'
import { openCgroup } from '@gocker/kernel'
import { type ContainerExit, type ContainerRecord, type ContainerState, cgroupPath, isAlive, type Store } from '@gocker/store'
import { readExitRecord } from './exit-record.ts'

/** What a container is doing, in docker's words. */
export interface ContainerStatusNow {
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead'
  /** Of its first process, while it runs. */
  readonly pid?: number
  readonly startedAt?: Date
  readonly finishedAt?: Date
  readonly exit?: ContainerExit
  readonly restartCount: number
}

/** Of a container whose end nobody saw: the machine went down under it. */
const UNSEEN: ContainerExit = { code: 255 }
/** Of one whose monitor was killed, which takes the container with it. */
const KILLED: ContainerExit = { code: 137, signal: 'SIGKILL' }

/**
 * The truth about a container: what its processes, its monitor's exit record and its state say, in this order. Whatever was killed at
 * whatever moment, nothing is said to run that does not.
 * @throws {StoreError} `CORRUPT`
 */
export async function containerStatus(store: Store, record: ContainerRecord): Promise<ContainerStatusNow> {
  const state = await store.containers.readState(record.id)
  const restartCount = state?.restartCount ?? 0
  const startedAt = dateOf(state?.startedAt) ?? firstLine(store.paths.bundle(record.id).started)
  const times = startedAt === undefined ? {} : { startedAt }
  if (state !== undefined && isRunning(store, record.id, state)) {
    const status = openCgroup(state.cgroup ?? cgroupPath(record.id)).isFrozen() ? 'paused' : 'running'
    return { status, ...(state.pid !== undefined && { pid: state.pid }), ...times, restartCount }
  }
  const ended = howItEnded(store, record.id, state)
  if (ended === undefined) return { status: 'created', restartCount }
  const isSleeping = state?.status === 'restarting' && state.sleeper !== undefined && isAlive(state.sleeper)
  return { status: isSleeping ? 'restarting' : 'exited', ...times, ...ended, restartCount }
}

/** Also for the moment in which the first process is gone, and its monitor has not written down how it ended. */
function isRunning(store: Store, id: string, state: ContainerState): boolean {
  if (state.status !== 'running') return false
  if (isAlive(state)) return true
  return state.monitor !== undefined && isAlive(state.monitor) && readExitRecord(store.paths.bundle(id).exitStatus) === undefined
}

interface Ended {
  readonly exit: ContainerExit
  readonly finishedAt?: Date
}

/** @returns undefined for a container that was never started */
function howItEnded(store: Store, id: string, state: ContainerState | undefined): Ended | undefined {
  const { exit: exitFile, exitStatus, started } = store.paths.bundle(id)
  // Every start takes away what was written before.
  const written = readWritten(exitFile)
  if (written !== undefined) return written
  // A start took it away that came to nothing: then the state is still the last run's.
  if (state?.exit !== undefined)
    return { exit: state.exit, ...(state.finishedAt !== undefined && { finishedAt: new Date(state.finishedAt) }) }
  const record = readExitRecord(exitStatus)
  if (record !== undefined) {
    const { finishedAt, ...exit } = record
    return { exit, finishedAt }
  }
  if (state?.status === 'running') return { exit: KILLED }
  return firstLine(started) === undefined ? undefined : { exit: UNSEEN }
}

/** What the clean-up made of the exit record, with what only the cgroup knew. */
function readWritten(file: string): Ended | undefined {
  const text = readIfThere(file)
  if (text === undefined) return undefined
  const { code, signal, oomKilled, finishedAt } = JSON.parse(text) as ContainerExit & { finishedAt: string }
  return {
    exit: { code, ...(signal !== undefined && { signal }), ...(oomKilled !== undefined && { oomKilled }) },
    finishedAt: new Date(finishedAt),
  }
}

function firstLine(file: string): Date | undefined {
  return dateOf(readIfThere(file)?.trim())
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text)
}

function readIfThere(file: string): string | undefined {
  // Mostly it is not: an error takes longer than a question.
  if (!existsSync(file)) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
