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
  const all = [...requests, ...volumesOfImage(context.config, requests)]
  checkDestinations(all)
  const resolved: ResolvedMount[] = []
  for (const [index, request] of all.entries()) {
    if (request.type === 'tmpfs') resolved.push(request)
    else if (request.type === 'bind') resolved.push(resolveBind(request))
    else resolved.push(await resolveVolume(request, index, context))
  }
  return resolved
}

function volumesOfImage({ Volumes }: ContainerConfig, requests: readonly MountRequest[]): VolumeRequest[] {
  const taken = new Set(requests.map(({ destination }) => destination))
  return Object.keys(Volumes ?? {})
    .map((path) => readDestination(path, 'volume of the image', path))
    .filter((destination) => !taken.has(destination))
    .map((destination) => ({ type: 'volume', name: undefined, destination, readOnly: false, copy: true }))
}

function checkDestinations(requests: readonly MountRequest[]): void {
  const seen = new Set<string>()
  for (const { destination } of requests) {
    if (seen.has(destination)) throw new RunError('INVALID_OPTION', `mounting ${destination}: something is mounted there already`)
    seen.add(destination)
  }
}

function resolveBind({ source, destination, readOnly, recursive, propagation, createSource }: BindRequest): ResolvedMount {
  if (createSource) makeSource(source, destination)
  else if (statSync(source, { throwIfNoEntry: false }) === undefined)
    throw new RunError('NO_SUCH_SOURCE', `mounting ${source} on ${destination}: it does not exist`, {
      hint: 'make it, or use -v, which makes a directory',
    })
  return { type: 'bind', source, destination, readOnly, recursive, propagation }
}

function makeSource(source: string, destination: string): void {
  if (statSync(source, { throwIfNoEntry: false }) !== undefined) return
  try {
    mkdirSync(source, { recursive: true })
  } catch (cause) {
    throw new RunError('NO_SUCH_SOURCE', `making ${source} to mount it on ${destination}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    })
  }
}

async function resolveVolume(
  { name, destination, readOnly, copy }: VolumeRequest,
  index: number,
  context: VolumeContext,
): Promise<ResolvedMount> {
  const { paths } = context.store
  const source = name === undefined ? join(paths.bundle(context.id).volumes, `${index}`) : paths.volume(name)
  const make = async () => {
    mkdirSync(source, { recursive: true, mode: 0o755 })
    if (!copy) return
    const { fillVolume } = await import('./fill.ts')
    fillVolume(context.view, destination, source)
  }
  if (name === undefined) await make()
  else await withLock(paths.lock(`volume-${name}`), 'exclusive', make)
  return { type: 'bind', source, destination, readOnly, recursive: true, propagation: 'rprivate' }
}
