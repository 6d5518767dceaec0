import { readFile } from 'node:fs/promises'
import type { ImageMount } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { type ContainerRecord, isAlive, type Store } from '@gocker/store'
import { PullError } from '../error.ts'

/** Where a container's files are; plain data, for a thread. */
export type ContainerPlace = RunningPlace | StoppedPlace

/** In its own mount namespace, volumes and all. */
export interface RunningPlace {
  readonly kind: 'running'
  readonly name: string
  readonly pid: number
  /** Tells the process from a later one of the same number. */
  readonly startTime: number
}

/** In directories of the store, to be mounted as a start would mount them. */
export interface StoppedPlace {
  readonly kind: 'stopped'
  readonly name: string
  /** Top first; at least one. */
  readonly lowers: readonly string[]
  /** Of these, the layers that are images. */
  readonly images: readonly ImageMount[]
  readonly upper: string
  readonly work: string
  /** An empty directory. */
  readonly target: string
  readonly binds: readonly PlacedBind[]
  readonly readOnly: boolean
}

/** A directory or a file of the host that the container has: a volume, a bind, its own /etc/hosts. */
export interface PlacedBind {
  readonly source: string
  readonly destination: string
  readonly readOnly: boolean
}

/** Looks where the files are now. Who is told `stopped` holds the container's lock, so that it is not started meanwhile. */
export async function placeOf(store: Store, record: ContainerRecord): Promise<ContainerPlace> {
  const { id, name, image } = record
  const state = await store.containers.readState(id)
  if (state?.pid !== undefined && state.startTime !== undefined && isAlive(state)) {
    refuseOwnIds(record)
    return { kind: 'running', name, pid: state.pid, startTime: state.startTime }
  }
  const { config, upper, work, rootfs } = store.paths.bundle(id)
  const spec = JSON.parse(await readFile(config, 'utf8')) as RuntimeSpec
  const lowers = store.layers.stack(image?.layers ?? [])
  return {
    kind: 'stopped',
    name,
    // An image may have no layer, an overlay may not.
    lowers: lowers.length === 0 ? [rootfs] : lowers,
    images: store.layers.images(lowers),
    upper,
    work,
    target: rootfs,
    binds: bindsOf(spec),
    readOnly: spec.root.readonly === true,
  }
}

/** Its files belong to others while it runs, and the host's root is nobody who could make one. */
function refuseOwnIds({ options }: ContainerRecord): void {
  const { mode = 'host' } = (options as { userns?: { mode?: string } } | undefined)?.userns ?? {}
  if (mode === 'host') return
  throw new PullError('NOT_PERMITTED', `it runs with user ids of its own: stop it first, or use tar in it by gocker exec`)
}

function bindsOf({ mounts }: RuntimeSpec): PlacedBind[] {
  return mounts
    .filter(({ type, options = [] }) => type === 'bind' || options.includes('bind') || options.includes('rbind'))
    .map(({ source = '', destination, options = [] }) => ({
      source,
      destination,
      readOnly: options.includes('ro') || options.includes('rro'),
    }))
}
