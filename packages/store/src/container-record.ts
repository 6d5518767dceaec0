import type { Digest } from '@gocker/oci'
import { mapConcurrently } from './concurrently.ts'
import { doing, StoreError, unless } from './error.ts'
import type { StorePaths } from './paths.ts'
import { readdir, readFile } from './quick-files.ts'

/** `container.json`, and where it lies. */
export interface ContainerRecord {
  /** 64 hex digits. */
  readonly id: string
  readonly name: string
  /** The bundle's directory. */
  readonly dir: string
  /** ISO 8601. */
  readonly created: string
  readonly image?: ContainerImage
  /** What it mounts beside its own. */
  readonly mountedImages?: readonly ContainerImage[]
  /** Whether it goes when its process ends. */
  readonly remove: boolean
  readonly labels: Readonly<Record<string, string>>
  /** What the container was asked to be; JSON, not read by the store. */
  readonly options: Readonly<Record<string, unknown>>
}

/** What a container keeps from the garbage collection. */
export interface ContainerImage {
  /** As the user wrote it. */
  readonly name: string
  readonly id: Digest
  readonly manifest: Digest
  readonly layers: readonly Digest[]
}

/** The image that a container is made of, and those that it mounts. */
export function imagesOfContainer({ image, mountedImages = [] }: ContainerRecord): ContainerImage[] {
  return image === undefined ? [...mountedImages] : [image, ...mountedImages]
}

/**
 * @returns `undefined` when there is no such container
 * @throws {StoreError} `CORRUPT`
 */
export async function readRecord(paths: StorePaths, id: string): Promise<ContainerRecord | undefined> {
  const { dir, record } = paths.bundle(id)
  const text = await doing(`reading container ${id}`, () => readFile(record, 'utf8').catch(unless('ENOENT', 'ENOTDIR')))
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as ContainerRecord
    if (value.id === id && typeof value.name === 'string') return { ...value, dir }
  } catch (cause) {
    throw new StoreError('CORRUPT', `reading ${record}: not JSON`, { cause, hint: 'gocker system prune removes it' })
  }
  throw new StoreError('CORRUPT', `reading ${record}: not the record of container ${id}`, { hint: 'gocker system prune removes it' })
}

/** The text of `container.json`: without the directory, which the reader knows. */
export function recordText({ dir: _, ...record }: ContainerRecord): string {
  return JSON.stringify(record, undefined, 1)
}

export async function containerIds(paths: StorePaths): Promise<string[]> {
  const names = await doing('listing the containers', () => readdir(paths.containers).catch(unless('ENOENT')))
  return (names ?? []).filter((name) => /^[0-9a-f]{64}$/.test(name))
}

/** All containers whose record can be read. */
export async function listRecords(paths: StorePaths): Promise<ContainerRecord[]> {
  const records = await mapConcurrently(await containerIds(paths), (id) => readRecord(paths, id).catch(passOverCorrupt))
  return records.filter((record) => record !== undefined)
}

/** For `catch`: a damaged record is as good as none. */
export function passOverCorrupt(error: unknown): undefined {
  if (!(error instanceof StoreError) || error.code !== 'CORRUPT') throw error
  return undefined
}
