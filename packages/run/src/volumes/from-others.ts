import { readFileSync } from 'node:fs'
import type { RuntimeMount, RuntimeSpec } from '@gocker/oci'
import type { ContainerRecord, Store } from '@gocker/store'
import { readSettings } from '../life/settings.ts'
import type { ContainerOptions } from '../options/container-options.ts'
import { type ImageRequest, isPropagation, type MountRequest } from '../options/mount-request.ts'
import type { VolumesFrom } from '../options/volumes-from.ts'
import { isBind } from '../program/bind-sources.ts'

/**
 * The options with the volumes and binds of the containers that `volumesFrom` names among their mounts; what is asked for itself goes before.
 * An anonymous volume stays the other container's, and goes with it.
 * @throws {StoreError} `NOT_FOUND`
 */
export async function withVolumesOfOthers(options: ContainerOptions): Promise<ContainerOptions> {
  const { store, volumesFrom = [], mounts = [] } = options
  if (volumesFrom.length === 0) return options
  const all = new Map<string, MountRequest>()
  for (const other of volumesFrom)
    for (const mount of mountsOf(store, await store.containers.get(other.container), other)) all.set(mount.destination, mount)
  for (const { destination } of mounts) all.delete(destination)
  return { ...options, mounts: [...all.values(), ...mounts] }
}

function mountsOf(store: Store, record: ContainerRecord, { readOnly }: VolumesFrom): MountRequest[] {
  const bundle = store.paths.bundle(record.id)
  const { mounts } = JSON.parse(readFileSync(bundle.config, 'utf8')) as RuntimeSpec
  const isOwnFile = ({ source = '' }: RuntimeMount) => source.startsWith(`${bundle.dir}/`) && !source.startsWith(`${bundle.volumes}/`)
  const binds = mounts.filter((mount) => isBind(mount) && !isOwnFile(mount)).map((mount) => requestOf(store, mount, readOnly ?? false))
  return [...binds, ...imagesOf(record, readOnly ?? false)]
}

/** The very images, whatever is called by their names now. */
function imagesOf(record: ContainerRecord, isRestricted: boolean): ImageRequest[] {
  const images = readSettings(record).mounts?.filter((mount) => mount.type === 'image') ?? []
  const idOf = (source: string) => record.mountedImages?.find(({ name }) => name === source)?.id ?? source
  return images.map((mount) => ({ ...mount, source: idOf(mount.source), readOnly: mount.readOnly || isRestricted }))
}

function requestOf(store: Store, { source = '', destination, options = [] }: RuntimeMount, isRestricted: boolean): MountRequest {
  const readOnly = isRestricted || options.includes('ro') || options.includes('rro')
  const volume = store.paths.volumes
  const [name = '', ...rest] = source.startsWith(`${volume}/`) ? source.slice(volume.length + 1).split('/') : []
  if (name !== '') {
    const subpath = rest.length === 0 ? {} : { subpath: rest.join('/') }
    return { type: 'volume', name, destination, readOnly, copy: false, ...subpath }
  }
  const propagation = options.find(isPropagation) ?? 'rprivate'
  const isRecursive = options.includes('rbind')
  return { type: 'bind', source, destination, readOnly, recursive: isRecursive, propagation, createSource: false }
}
