import { doing } from './error.ts'
import type { StorePaths } from './paths.ts'
import { type CreateVolumeOptions, createVolume } from './volume-create.ts'
import { listVolumes, noSuchVolume, readVolume, type VolumeRecord } from './volume-record.ts'
import { removeVolume, type VolumeRemovalOptions } from './volume-removal.ts'
import { type VolumeUsers, volumeUsers } from './volume-users.ts'

/** Named volumes: directories that outlive the containers that mount them. */
export interface Volumes {
  /**
   * Makes one; one that is there already stays as it is.
   * @throws {StoreError} `INVALID_NAME`, `INVALID_OPTION`, `NOT_FOUND` for a device that is not there, `NO_SPACE`, ...
   */
  create(options?: CreateVolumeOptions): Promise<VolumeRecord>
  find(name: string): Promise<VolumeRecord | undefined>
  /** @throws {StoreError} `NOT_FOUND` */
  get(name: string): Promise<VolumeRecord>
  /** By name. */
  list(): Promise<VolumeRecord[]>
  /** The containers, running or not, that have each volume among their mounts. */
  users(): Promise<VolumeUsers>
  /**
   * Removes it with all that is in it.
   * @returns the bytes freed; undefined when `force` was given and there was none
   * @throws {StoreError} `NOT_FOUND`, `IN_USE`
   */
  remove(name: string, options?: VolumeRemovalOptions): Promise<number | undefined>
}

export function openVolumes(paths: StorePaths): Volumes {
  const find = (name: string) => doing(`finding volume ${name}`, () => readVolume(paths, name))
  return {
    find,
    create: (options = {}) => doing(`creating volume ${options.name ?? ''}`.trim(), () => createVolume(paths, options)),
    async get(name) {
      const volume = await find(name)
      if (volume !== undefined) return volume
      throw noSuchVolume(name)
    },
    list: () => doing('listing the volumes', () => listVolumes(paths)),
    users: () => volumeUsers(paths),
    remove: (name, options = {}) => doing(`removing volume ${name}`, () => removeVolume(paths, name, options)),
  }
}
