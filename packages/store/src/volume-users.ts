import { type ContainerRecord, listRecords } from './container-record.ts'
import type { StorePaths } from './paths.ts'

/** By the volumes' names. */
export type VolumeUsers = ReadonlyMap<string, readonly ContainerRecord[]>

export async function volumeUsers(paths: StorePaths): Promise<VolumeUsers> {
  const users = new Map<string, ContainerRecord[]>()
  for (const record of await listRecords(paths))
    for (const name of new Set(volumesOf(record))) users.set(name, [...(users.get(name) ?? []), record])
  return users
}

/** The named volumes among a container's mounts. */
function volumesOf({ options }: ContainerRecord): string[] {
  const mounts = Array.isArray(options.mounts) ? (options.mounts as { type?: unknown; name?: unknown }[]) : []
  return mounts.flatMap(({ type, name }) => (type === 'volume' && typeof name === 'string' ? [name] : []))
}
