import type { Writable } from 'node:stream'
import type { WindowSize } from '@gocker/kernel'
import type { ContainerRecord, Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { containerEvent } from '../life/container-event.ts'
import { killContainer } from '../life/kill-container.ts'
import { readSettings } from '../life/settings.ts'
import { containerStatus } from '../life/status.ts'
import { waitContainer } from '../life/wait-container.ts'
import { checkLog, logBatches } from '../logs/read-logs.ts'
import type { LogRecord } from '../logs/record.ts'
import { type ContainersInput, openInput } from './input.ts'

export interface AttachOptions {
  /** Nanoseconds since 1970: what it has said from then on is shown, be it running still or not. From now on, and only while it runs, unless given. */
  readonly since?: bigint
  /** Whether somebody may type. Yes unless said otherwise. */
  readonly input?: boolean
}

/** A part in a container that runs in the background. Any number may be taken. */
export interface Attachment {
  readonly id: string
  readonly hasTerminal: boolean
  /**
   * What the container reads; not there where it keeps no stdin open. Its end is the end of the container's stdin where that is no terminal;
   * destroying it is not.
   */
  readonly input?: Writable
  /** What the container says, until it has ended or the attachment is closed. */
  readonly output: AsyncIterable<readonly LogRecord[]>
  /** Of its terminal, where it has one. */
  resize(size: WindowSize): void
  /** Nothing happens when it has ended. @param signal a name or a number */
  kill(signal: string): void
  /** The container's exit code. */
  readonly exited: Promise<number>
  /** Lets go; the container goes on. To be called in the end, whatever has happened. */
  close(): Promise<void>
}

/**
 * Takes part in a container that runs in the background: types what it reads, and hears what it says.
 * @throws {RunError} `NOT_RUNNING`, `PAUSED`, `CANNOT_ATTACH`, `NO_LOG`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`; {KernelError}
 */
export async function attachTo(store: Store, idOrName: string, options: AttachOptions = {}): Promise<Attachment> {
  const { since = BigInt(Date.now()) * MILLISECOND } = options
  const record = await store.containers.get(idOrName)
  await checkLog(store, record)
  if (options.since === undefined) await checkThatItRuns(store, record)
  const input = await openInput(store, record)
  await containerEvent(store, record, 'attach')
  return attachment(store, record, { input: options.input === false ? withoutTyping(input) : input, since })
}

const MILLISECOND = 1_000_000n

async function checkThatItRuns(store: Store, record: ContainerRecord): Promise<void> {
  const doing = `attaching to container ${record.name}`
  const { status } = await containerStatus(store, record)
  if (status === 'paused') throw new RunError('PAUSED', `${doing}: it is paused`, { hint: `gocker unpause ${record.name}` })
  if (status !== 'running')
    throw new RunError('NOT_RUNNING', `${doing}: it is ${status === 'created' ? 'not started yet' : status}`, {
      hint: `gocker start ${record.name} starts it, gocker logs ${record.name} shows what it has said`,
    })
  const state = await store.containers.readState(record.id)
  if (state?.monitor === undefined)
    throw new RunError('CANNOT_ATTACH', `${doing}: it runs in the foreground of another gocker`, {
      hint: 'run it in the background with -d',
    })
}

function withoutTyping({ resize, close }: ContainersInput): ContainersInput {
  return { resize, close }
}

function attachment(store: Store, record: ContainerRecord, { input, since }: { input: ContainersInput; since: bigint }): Attachment {
  const closing = new AbortController()
  const { signal } = closing
  const end = { hasCome: false }
  const exited = waitContainer(store, record.id, { signal })
  const come = () => {
    end.hasCome = true
  }
  exited.then(come, come)
  const path = store.paths.bundle(record.id).log
  return {
    id: record.id,
    hasTerminal: readSettings(record).tty === true,
    ...(input.writable !== undefined && { input: input.writable }),
    output: untilClosed(logBatches(path, { since, isOver: () => end.hasCome, signal }), signal),
    resize: (size) => input.resize(size),
    kill: (name) => void killContainer(store, record.id, { signal: name }).catch(passOverItsEnd),
    exited,
    async close() {
      if (signal.aborted) return
      closing.abort()
      input.close()
      if (!end.hasCome) await containerEvent(store, record, 'detach')
    },
  }
}

async function* untilClosed(batches: AsyncIterable<readonly LogRecord[]>, signal: AbortSignal) {
  try {
    yield* batches
  } catch (error) {
    if (error !== signal.reason) throw error
  }
}

function passOverItsEnd(error: unknown): void {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'NOT_RUNNING' && code !== 'NOT_FOUND') throw error
}
