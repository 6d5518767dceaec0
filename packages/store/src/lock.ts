import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { flock } from '@gocker/kernel'
import { doing, hasErrno, unless } from './error.ts'
import { mkdir, type OpenFile, open, rm, stat } from './quick-files.ts'

export type LockMode = 'shared' | 'exclusive'

export interface LockOptions {
  readonly signal?: AbortSignal | undefined
  /** Removes the lock file afterwards (exclusive locks only): for locks of which there are many. */
  readonly transient?: boolean
}

/**
 * Runs `work` while this process has the lock `file`, which is made when it is not there. Waits without blocking the event loop.
 * The kernel gives the lock back when the process ends, however it ends. A lock is not re-entrant.
 * @throws {StoreError} `PERMISSION`, `NO_SPACE`, `READ_ONLY`, `IO`; the signal's reason; what `work` throws
 * @see flock(2)
 */
export async function withLock<T>(file: string, mode: LockMode, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const lock = await doing(`taking lock ${file}`, () => openLocked(file, { flags: CREATE, mode, signal: options.signal }))
  try {
    return await work()
  } finally {
    if (options.transient === true && mode === 'exclusive') await rm(file, { force: true }).finally(() => lock.close())
    else await lock.close()
  }
}

/**
 * Like withLock, but gives up after `patience` milliseconds.
 * @returns `undefined` when somebody else had the lock all the time
 */
export async function tryLock<T>(file: string, patience: number, work: () => Promise<T>): Promise<{ readonly result: T } | undefined> {
  const lock = await doing(`taking lock ${file}`, () => tryOpenLocked(file, { flags: CREATE, patience }))
  if (lock === undefined) return undefined
  try {
    return { result: await work() }
  } finally {
    await lock.close()
  }
}

interface OpenLockedOptions {
  /** Of open(2). With O_CREAT, missing parent directories are made too. */
  readonly flags: number
  readonly mode?: LockMode
  readonly signal?: AbortSignal | undefined
}

const CREATE = constants.O_RDWR | constants.O_CREAT
const LONGEST_PAUSE = 20

/**
 * Opens a file or a directory and locks it, waiting for whoever has the lock. What is given back is still the one that has the name: who
 * held it before may have removed or renamed it.
 */
export async function openLocked(path: string, options: OpenLockedOptions): Promise<OpenFile> {
  while (true) {
    const handle = await tryOpenLocked(path, { ...options, patience: Number.POSITIVE_INFINITY })
    if (handle !== undefined) return handle
  }
}

/**
 * As openLocked, but gives up.
 * @param options.patience milliseconds
 * @returns `undefined` when the lock could not be had in that time
 */
export async function tryOpenLocked(
  path: string,
  options: OpenLockedOptions & { readonly patience: number },
): Promise<OpenFile | undefined> {
  const deadline = Date.now() + options.patience
  while (true) {
    const handle = await openWithParents(path, options.flags)
    try {
      const isLocked = await waitForLock(handle, options, deadline)
      if (isLocked && (await isStill(handle, path))) return handle
      await handle.close()
      if (!isLocked) return undefined
    } catch (error) {
      await handle.close()
      throw error
    }
  }
}

async function openWithParents(path: string, flags: number): Promise<OpenFile> {
  try {
    return await open(path, flags, 0o644)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') || (flags & constants.O_CREAT) === 0) throw error
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return await open(path, flags, 0o644)
  }
}

async function waitForLock(handle: OpenFile, { mode = 'exclusive', signal }: OpenLockedOptions, deadline: number): Promise<boolean> {
  for (let pause = 1; !flock(handle.fd, mode, { wait: false }); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    signal?.throwIfAborted()
    if (Date.now() >= deadline) return false
    await sleep(pause * (0.5 + Math.random()), signal)
  }
  return true
}

async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

async function isStill(handle: OpenFile, path: string): Promise<boolean> {
  const [held, named] = await Promise.all([handle.stat(), stat(path).catch(unless('ENOENT'))])
  return named !== undefined && held.ino === named.ino && held.dev === named.dev
}
