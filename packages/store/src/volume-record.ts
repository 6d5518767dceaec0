import { lstatSync } from 'node:fs'
import { StoreError, unless } from './error.ts'
import type { StorePaths } from './paths.ts'
import { readdir, readFile } from './quick-files.ts'

/** A volume, and what is known of it. */
export interface VolumeRecord {
  readonly name: string
  /** Its directory. */
  readonly path: string
  /** ISO 8601. */
  readonly created: string
  readonly labels: Readonly<Record<string, string>>
  /** As docker's local driver names them: `type`, `o`, `device`. */
  readonly options: Readonly<Record<string, string>>
  /** Made without a name of the user's. */
  readonly anonymous: boolean
}

/** The JSON beside the directory; a volume that a container made by naming it has none. */
export type VolumeFacts = Partial<Pick<VolumeRecord, 'created' | 'labels' | 'options' | 'anonymous'>>

export function isVolumeName(text: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text)
}

export function noSuchVolume(name: string): StoreError {
  return new StoreError('NOT_FOUND', `finding volume ${name}: there is none`, { hint: 'gocker volume ls lists the volumes' })
}

/** @throws {StoreError} `CORRUPT` */
export async function readVolume(paths: StorePaths, name: string): Promise<VolumeRecord | undefined> {
  if (!isVolumeName(name)) return undefined
  const path = paths.volume(name)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  const { created = stats.birthtime.toISOString(), labels = {}, options = {}, anonymous = false } = await readFacts(paths, name)
  return { name, path, created, labels, options, anonymous }
}

export async function listVolumes(paths: StorePaths): Promise<VolumeRecord[]> {
  const names = (await readdir(paths.volumes).catch(unless('ENOENT'))) ?? []
  const volumes = await Promise.all(
    names
      .filter(isVolumeName)
      .sort()
      .map((name) => readVolume(paths, name)),
  )
  return volumes.filter((volume) => volume !== undefined)
}

async function readFacts(paths: StorePaths, name: string): Promise<VolumeFacts> {
  const file = paths.volumeFacts(name)
  const text = await readFile(file, 'utf8').catch(unless('ENOENT'))
  if (text === undefined) return {}
  try {
    return JSON.parse(text) as VolumeFacts
  } catch (cause) {
    throw new StoreError('CORRUPT', `reading ${file}: not JSON`, { cause, hint: 'remove the file: the volume is whole without it' })
  }
}
