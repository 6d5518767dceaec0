import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { openCgroup } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { isAlive, openLocked } from '@gocker/store'
import { RunError } from '../error.ts'
import { placeOf, type RuntimeHome, type RuntimePlace } from './home.ts'

/** @see https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#state */
export type RuntimeStatus = 'creating' | 'created' | 'running' | 'paused' | 'stopped'

/** What is written down of a container. */
export interface RuntimeRecord {
  readonly ociVersion: string
  readonly id: string
  /** Of its first process, as whoever created it counts; 0 while there is none. */
  readonly pid: number
  readonly startTime: number
  readonly bundle: string
  readonly rootfs: string
  /** RFC 3339. */
  readonly created: string
  readonly cgroup: string
  /** The user who created it. */
  readonly owner: number
  readonly annotations?: Readonly<Record<string, string>>
}

/** What `state` prints: the specification's, and what other runtimes tell beside it. */
export interface RuntimeContainer {
  readonly ociVersion: string
  readonly id: string
  readonly pid: number
  readonly status: RuntimeStatus
  readonly bundle: string
  readonly rootfs: string
  readonly created: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly owner: string
}

export function writeRecord(place: RuntimePlace, record: RuntimeRecord): void {
  writeWhole(place.state, JSON.stringify(record))
}

/** So that its readers see the old text or the new one. */
export function writeWhole(path: string, text: string): void {
  const part = `${path}.${process.pid}.tmp`
  writeFileSync(part, text, { mode: 0o600 })
  renameSync(part, path)
}

/** @throws {RunError} `NO_SUCH_CONTAINER` */
export function readRecord(place: RuntimePlace): RuntimeRecord {
  const text = textOf(place.state)
  if (text !== undefined) return JSON.parse(text) as RuntimeRecord
  throw new RunError('NO_SUCH_CONTAINER', `finding container ${place.id}: container does not exist`)
}

/** As it was created. */
export function readConfig(place: RuntimePlace): RuntimeSpec {
  return JSON.parse(readFileSync(place.config, 'utf8')) as RuntimeSpec
}

export function statusOf(place: RuntimePlace, record: RuntimeRecord): RuntimeStatus {
  if (record.pid === 0) return 'creating'
  if (!isAlive(record)) return 'stopped'
  if (existsSync(place.start)) return 'created'
  return openCgroup(record.cgroup).isFrozen() ? 'paused' : 'running'
}

/** @throws {RunError} `NO_SUCH_CONTAINER` */
export function runtimeState(home: RuntimeHome, id: string): RuntimeContainer {
  const place = placeOf(home, id)
  return shown(place, readRecord(place))
}

/** All containers of this home, by their names. */
export function listRuntimeContainers(home: RuntimeHome): RuntimeContainer[] {
  const names = existsSync(home.root) ? readdirSync(home.root).sort() : []
  return names.flatMap((name) => {
    const place = placeIfAny(home, name)
    const text = place && textOf(place.state)
    // What is not there any more was deleted meanwhile.
    return place === undefined || text === undefined ? [] : [shown(place, JSON.parse(text) as RuntimeRecord)]
  })
}

function placeIfAny(home: RuntimeHome, name: string): RuntimePlace | undefined {
  return statSync(`${home.root}/${name}`, { throwIfNoEntry: false })?.isDirectory() ? placeOf(home, name) : undefined
}

function shown(place: RuntimePlace, record: RuntimeRecord): RuntimeContainer {
  const { ociVersion, id, pid, bundle, rootfs, created, annotations, owner } = record
  const status = statusOf(place, record)
  const known = { ociVersion, id, pid: status === 'stopped' ? 0 : pid, status, bundle, rootfs, created }
  return { ...known, ...(annotations !== undefined && { annotations }), owner: userName(owner) }
}

/** What hooks are told. */
export function hookState(record: RuntimeRecord, status: RuntimeStatus): string {
  const { ociVersion, id, pid, bundle, annotations } = record
  return JSON.stringify({ ociVersion, id, status, pid, bundle, ...(annotations !== undefined && { annotations }) })
}

/**
 * While nobody else changes the container.
 * @throws {RunError} `NO_SUCH_CONTAINER`
 */
export async function holding<Result>(place: RuntimePlace, work: () => Promise<Result>): Promise<Result> {
  if (!existsSync(place.directory)) readRecord(place)
  const lock = await openLocked(place.directory, { flags: 0 })
  try {
    return await work()
  } finally {
    await lock.close()
  }
}

function userName(uid: number): string {
  const line = textOf('/etc/passwd')
    ?.split('\n')
    .find((each) => each.split(':')[2] === `${uid}`)
  return line?.split(':')[0] ?? `${uid}`
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
