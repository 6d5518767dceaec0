import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerConfig } from '@gocker/oci'
import { makeDirectories, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { readDestination } from '../options/destination.ts'
import type { BindRequest, PlacedRequest, VolumeRequest } from '../options/mount-request.ts'
import type { LayerView } from '../rootfs/layer-view.ts'
import type { ResolvedMount } from '../spec/mounts.ts'
import { makeVolume } from './make-volume.ts'

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
export async function resolveMounts(requests: readonly PlacedRequest[], context: VolumeContext): Promise<ResolvedMount[]> {
  const all = withVolumesOfImage(requests, context.config)
  for (const [index, request] of all.entries()) {
    if (request.type === 'bind') findSource(request)
    if (request.type === 'volume') await makeSource(request, index, context)
  }
  return foreseeMounts(requests, context)
}

/**
 * What {@link resolveMounts} gives, with nothing made.
 * @throws {RunError} `INVALID_OPTION`
 */
export function foreseeMounts(requests: readonly PlacedRequest[], context: Omit<VolumeContext, 'view'>): ResolvedMount[] {
  return withVolumesOfImage(requests, context.config).map((request, index): ResolvedMount => {
    if (request.type === 'tmpfs' || request.type === 'overlay' || request.type === 'content') return request
    const { destination, readOnly } = request
    if (request.type === 'volume')
      return {
        type: 'bind',
        source: placeOf(request, index, context),
        destination,
        readOnly,
        recursive: true,
        propagation: 'rprivate',
        mapped: true,
      }
    const { source, recursive, writableBelow = false, propagation, idmap = false } = request
    return { type: 'bind', source, destination, readOnly, recursive, writableBelow, propagation, mapped: idmap }
  })
}

function withVolumesOfImage(requests: readonly PlacedRequest[], { Volumes }: ContainerConfig): PlacedRequest[] {
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
    makeDirectories(source)
  } catch (cause) {
    throw new RunError('NO_SUCH_SOURCE', `making ${source} to mount it on ${destination}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    })
  }
}

async function makeSource(request: VolumeRequest, index: number, context: VolumeContext): Promise<void> {
  const { name, subpath, copy, destination } = request
  const fill = async (directory: string) => {
    // What the image has there belongs into the whole volume, not into a part of it.
    if (!copy || subpath !== undefined) return
    const { fillVolume } = await import('./fill.ts')
    fillVolume(context.view, destination, directory)
  }
  if (name !== undefined) await makeVolume(context.store, { ...request, name }, fill)
  else {
    const place = volumeOf(request, index, context)
    makeDirectories(place, 0o755)
    await fill(place)
  }
  if (subpath !== undefined) requireSubpath(request, placeOf(request, index, context))
}

function requireSubpath({ name, subpath }: VolumeRequest, place: string): void {
  if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) return
  throw new RunError('NO_SUCH_SOURCE', `mounting ${subpath} of volume ${name}: it does not exist`)
}

/** A symlink in the volume is the containers' to make: the subpath is counted from where the volume really is, and then has none. */
function placeOf(request: VolumeRequest, index: number, context: Place): string {
  const volume = volumeOf(request, index, context)
  if (request.subpath === undefined) return volume
  return join(existsSync(volume) ? realpathSync(volume) : volume, request.subpath)
}

type Place = Pick<VolumeContext, 'store' | 'id'>

function volumeOf({ name }: VolumeRequest, index: number, { store, id }: Place): string {
  return name === undefined ? join(store.paths.bundle(id).volumes, `${index}`) : store.paths.volume(name)
}
