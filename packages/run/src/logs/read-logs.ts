import { existsSync } from 'node:fs'
import type { ContainerRecord, Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { readSettings } from '../life/settings.ts'
import { containerStatus } from '../life/status.ts'
import { followFiles } from './follow-files.ts'
import { isWritten } from './is-written.ts'
import { closeAll, openLogFiles } from './log-files.ts'
import { readFiles } from './read-files.ts'
import type { LogRecord } from './record.ts'
import { isPast, selectFrom } from './selection.ts'
import { type Beginning, startOf } from './start-of.ts'

export interface ReadLogsOptions extends Beginning {
  /** Go on with what is written, until the container has ended. */
  readonly follow?: boolean
  readonly signal?: AbortSignal
}

/**
 * What a container that runs in the background, or did, has written to its stdout and stderr, in the order in which it came and byte for
 * byte. A reader may take as long as he likes: the container does not notice him.
 * @throws {RunError} `NO_LOG`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`; the signal's reason
 */
export async function* readLogs(store: Store, idOrName: string, options: ReadLogsOptions = {}): AsyncGenerator<LogRecord> {
  for await (const records of readLogBatches(store, idOrName, options)) yield* records
}

/**
 * The same in lists of what was there at once, for those who pass much on. A list's data are at most 256 kB.
 * @throws as {@link readLogs}
 */
export async function* readLogBatches(store: Store, idOrName: string, options: ReadLogsOptions = {}): AsyncGenerator<LogRecord[]> {
  const record = await store.containers.get(idOrName)
  await checkLog(store, record)
  const isOver = async () => isPast(BigInt(Date.now()) * MILLISECOND, options.until) || !(await isWritten(store, record))
  yield* logBatches(store.paths.bundle(record.id).log, { ...options, ...(options.follow === true && { isOver }) })
}

const MILLISECOND = 1_000_000n

export interface LogBatchesOptions extends Beginning {
  /** Whether nothing will be written any more. What is written until then is waited for where this is given. */
  readonly isOver?: () => boolean | Promise<boolean>
  readonly signal?: AbortSignal
}

/** @param path of the newest file of a log */
export async function* logBatches(path: string, { isOver, signal, ...wanted }: LogBatchesOptions): AsyncGenerator<LogRecord[]> {
  const files = await openLogFiles(path)
  try {
    const ends = await Promise.all(files.map((file) => file.size()))
    const start = await startOf(files, ends, wanted)
    const { from } = start
    const batches = isOver === undefined ? readFiles(files, ends, from) : followFiles({ path, files, from, isOver, signal })
    for await (const batch of batches) {
      signal?.throwIfAborted()
      const records = selectFrom(batch, start, wanted)
      if (records.length > 0) yield records
      if (isOver !== undefined && batch.records.some(({ time }) => isPast(time, wanted.until))) return
    }
  } finally {
    await closeAll(files)
  }
}

/** @throws {RunError} `NO_LOG` for a container that has been started, and keeps none */
export async function checkLog(store: Store, record: ContainerRecord): Promise<void> {
  const doing = `reading the log of ${record.name}`
  if (readSettings(record).log?.driver === 'none')
    throw new RunError('NO_LOG', `${doing}: it keeps none (--log-driver none)`, { hint: 'leave that out when you create it' })
  if (existsSync(store.paths.bundle(record.id).log) || (await isAboutToHaveOne(store, record))) return
  throw new RunError('NO_LOG', `${doing}: it has run in the foreground, and what it said was not kept`, {
    hint: 'run it in the background with -d',
  })
}

/** Never started, or this very moment. */
async function isAboutToHaveOne(store: Store, record: ContainerRecord): Promise<boolean> {
  if ((await containerStatus(store, record)).status === 'created') return true
  return (await store.containers.readState(record.id))?.monitor !== undefined
}
