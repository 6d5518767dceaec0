import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerConfig } from '@gocker/oci'
import { type Store, withLock } from '@gocker/store'
import { RunError } from '../error.ts'
import { readDestination } from '../options/destination.ts'
import type { BindRequest, MountRequest, VolumeRequest } from '../options/mount-request.ts'
import type { LayerView } from '../rootfs/layer-view.ts'
import type { ResolvedMount } from '../spec/mounts.ts'

export interface VolumeContext {
  readonly store: Store
  readonly id: string
  readonly config: ContainerConfig
  readonly view: LayerView
}

/**
 * Finds and makes what is mounted: directories of the host, and volumes, filled from the image while they are empty.
 * Anonymous volumes lie in the container's own directory and go with it.
 * @throws {RunError} `NO_SUCH_SOURCE`, `INVALID_OPTION`
 */
export async function resolveMounts(requests: readonly MountRequest[], context: VolumeContext): Promise<ResolvedMount[]> {
  const all = withVolumesOfImage(requests, context.config)
  for (const [index, request] of all.entries()) {
    if (request.type === 'bind') findSource(request)
    if (request.type === 'volume') await makeVolume(request, index, context)
  }
  return foreseeMounts(requests, context)
}

/**
 * What {@link resolveMounts} gives, with nothing made.
 * @throws {RunError} `INVALID_OPTION`
 */
export function foreseeMounts(requests: readonly MountRequest[], context: Omit<VolumeContext, 'view'>): ResolvedMount[] {
  return withVolumesOfImage(requests, context.config).map((request, index): ResolvedMount => {
    if (request.type === 'tmpfs' || request.type === 'overlay' || request.type === 'content') return request
    const { destination, readOnly } = request
    if (request.type === 'volume')
      return { type: 'bind', source: placeOf(request, index, context), destination, readOnly, recursive: true, propagation: 'rprivate' }
    const { source, recursive, propagation } = request
    return { type: 'bind', source, destination, readOnly, recursive, propagation }
  })
}

function withVolumesOfImage(requests: readonly MountRequest[], { Volumes }: ContainerConfig): MountRequest[] {
  const taken = new Set<string>()
  for (const { destination } of requests) {
    if (taken.has(destination)) throw new RunError('INVALID_OPTION', `mounting ${destination}: something is mounted there already`)
    taken.add(destination)
  }
  const own = Object.keys(Volumes ?? {})
    .map((path) => readDestination(path, 'volume of the image', path))
    .filter((destination) => !taken.has(destination))
    .map((destination) => ({ type: 'volume', name: undefined, destination, readOnly: false, copy: true }) as const)
  return [...requests, ...own]
}

function findSource({ source, destination, createSource }: BindRequest): void {
  if (statSync(source, { throwIfNoEntry: false }) !== undefined) return
  if (!createSource)
    throw new RunError('NO_SUCH_SOURCE', `mounting ${source} on ${destination}: it does not exist`, {
      hint: 'make it, or use -v, which makes a directory',
    })
  try {
    mkdirSync(source, { recursive: true })
  } catch (cause) {
    throw new RunError('NO_SUCH_SOURCE', `making ${source} to mount it on ${destination}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    })
  }
}

async function makeVolume(request: VolumeRequest, index: number, context: VolumeContext): Promise<void> {
  const place = placeOf(request, index, context)
  const make = async () => {
    mkdirSync(place, { recursive: true, mode: 0o755 })
    if (!request.copy) return
    const { fillVolume } = await import('./fill.ts')
    fillVolume(context.view, request.destination, place)
  }
  // A named one may be another container's, too.
  if (request.name === undefined) await make()
  else await withLock(context.store.paths.lock(`volume-${request.name}`), 'exclusive', make)
}

function placeOf({ name }: VolumeRequest, index: number, { store, id }: Pick<VolumeContext, 'store' | 'id'>): string {
  return name === undefined ? join(store.paths.bundle(id).volumes, `${index}`) : store.paths.volume(name)
}
