import { constants, fstatSync, writeSync } from 'node:fs'
import { writeFileAtomic } from './atomic-file.ts'
import { StoreError } from './error.ts'
import { openLocked } from './lock.ts'
import type { StorePaths } from './paths.ts'
import { readFile } from './quick-files.ts'

/** Something that was done, in docker's words. @see https://docs.docker.com/reference/cli/docker/system/events/ */
export interface StoreEvent {
  /** Seconds since 1970. */
  readonly time: number
  readonly timeNano: number
  readonly Type: EventType
  /** `start`, `die`, `pull`, ... */
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
}

export type EventType = 'container' | 'image' | 'network' | 'volume' | 'builder' | 'daemon'

export interface EventInput {
  readonly type: EventType
  readonly action: string
  /** Of what it was done to: an id, or a volume's name. */
  readonly id: string
  /** `name`, `image`, `exitCode`, a container's labels, ... */
  readonly attributes?: Readonly<Record<string, string>>
}

/** Bytes past which the older half is forgotten. */
const LARGEST = 4 * 1024 * 1024

/**
 * Writes down that something was done, with one append: events of processes that write at once stay whole and apart.
 * An event that the disk does not take is lost, for what it tells of has happened all the same.
 */
export async function recordEvent({ paths }: { readonly paths: StorePaths }, event: EventInput): Promise<void> {
  try {
    const size = await append(paths.events, `${JSON.stringify(eventOf(event))}\n`)
    if (size > LARGEST) await forgetOlderHalf(paths.events)
  } catch (error) {
    if (!(error instanceof StoreError) && (error as NodeJS.ErrnoException).syscall === undefined) throw error
  }
}

function eventOf({ type, action, id, attributes = {} }: EventInput): StoreEvent {
  const now = Date.now()
  return { time: Math.floor(now / 1000), timeNano: now * 1e6, Type: type, Action: action, Actor: { ID: id, Attributes: attributes } }
}

/** The lock is shared among those who append, and is there for {@link forgetOlderHalf}. */
async function append(file: string, line: string): Promise<number> {
  const { O_WRONLY, O_APPEND, O_CREAT } = constants
  const handle = await openLocked(file, { flags: O_WRONLY | O_APPEND | O_CREAT, mode: 'shared' })
  try {
    writeSync(handle.fd, line)
    return fstatSync(handle.fd).size
  } finally {
    await handle.close()
  }
}

/** A new file in the old one's place: who reads the old one is not disturbed. */
async function forgetOlderHalf(file: string): Promise<void> {
  const handle = await openLocked(file, { flags: constants.O_RDWR })
  try {
    if (fstatSync(handle.fd).size <= LARGEST) return
    const bytes = await readFile(file)
    const firstKept = bytes.indexOf('\n', bytes.length / 2) + 1
    await writeFileAtomic(file, bytes.subarray(firstKept), { sync: false })
  } finally {
    await handle.close()
  }
}
