import { statSync } from 'node:fs'
import { relative } from 'node:path'
import {
  type Cgroup,
  canBeVolatile,
  canShareImages,
  hasSingleId,
  type ImageMount,
  inUserNamespace,
  lastCapability,
  type WindowSize,
} from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import type { ContainerRecord, Store } from '@gocker/store'
import type { ContainerOptions } from '../options/container-options.ts'
import type { PlacedRequest } from '../options/mount-request.ts'
import { isBind } from '../program/bind-sources.ts'
import type { DetachedFacts, NetworkFacts, OverlayFacts, ProgramFacts } from '../program/plan.ts'
import type { Stack } from '../rootfs/layers.ts'

export interface Planned {
  readonly id: string
  readonly store: Store
  readonly stack: Stack
  readonly spec: RuntimeSpec
  readonly mounts: readonly PlacedRequest[]
  readonly options: Pick<ContainerOptions, 'init' | 'devices'>
  readonly record: Pick<ContainerRecord, 'remove'>
}

export interface LaunchInput {
  readonly cgroup: Pick<Cgroup, 'entries' | 'views'>
  readonly stdio: ProgramFacts['stdio']
  readonly windowSize: WindowSize | undefined
  readonly seccompFilter: Uint8Array | undefined
  /** Where gocker makes the network. */
  readonly network?: NetworkFacts | undefined
  /** Of a container that goes on without this process. */
  readonly detached?: DetachedFacts | undefined
}

/** What the launch program has to know of this machine, now. */
export function programFacts(planned: Planned, { cgroup, stdio, windowSize, seccompFilter, network, detached }: LaunchInput): ProgramFacts {
  const { id, spec, mounts, options } = planned
  const sources = spec.mounts.filter(isBind).map(({ source = '' }) => source)
  return {
    id,
    parent: detached === undefined ? process.pid : undefined,
    overlay: overlayFacts(planned),
    images: imagesOf(planned).map(({ directory }) => ({ directory, isShared: canShareImages() })),
    cgroup: { entries: cgroup.entries, views: cgroup.views },
    requests: new Map(mounts.map((request) => [request.destination, request])),
    directories: new Set(sources.filter((source) => statSync(source, { throwIfNoEntry: false })?.isDirectory())),
    stdio,
    init: options.init ?? false,
    seccompFilter,
    lastCapability: lastCapability(),
    ...(inUserNamespace() && { inUserNamespace: true, singleId: hasSingleId(), devicePaths: devicePaths(planned) }),
    ...(network !== undefined && { network }),
    ...(detached !== undefined && { detached }),
    ...(windowSize !== undefined && { windowSize }),
  }
}

/** Where the host has those devices that the container has elsewhere. */
function devicePaths({ spec, options: { devices = [] } }: Planned): ReadonlyMap<string, string> {
  return new Map(
    (spec.linux.devices ?? []).flatMap(({ path }) => {
      const asked = devices.findLast(({ destination }) => path === destination || path.startsWith(`${destination}/`))
      return asked === undefined ? [] : [[path, `${asked.source}${path.slice(asked.destination.length)}`] as const]
    }),
  )
}

/** What has to be mounted before the overlays are. */
export function imagesOf({ store, stack, mounts }: Pick<Planned, 'store' | 'stack' | 'mounts'>): ImageMount[] {
  const ofMounts = mounts.flatMap((request) => (request.type === 'overlay' ? request.lowers : []))
  return store.layers.images([...stack.lowers, ...ofMounts])
}

/** Layers by short names, so that many fit the page that mount(2) takes. */
function overlayFacts({ store, id, stack, record }: Planned): OverlayFacts {
  const { rootfs } = store.paths.bundle(id)
  const shared = `${store.paths.layers}/sha256`
  const isShared = (path: string) => path.startsWith(`${shared}/`)
  // An image may have no layer, an overlay may not.
  const lowers = stack.lowers.length === 0 ? [rootfs] : stack.lowers
  const short = lowers.map((path) => (isShared(path) ? relative(shared, path) : path))
  const base = lowers.some(isShared) ? shared : rootfs
  // One that goes when it ends has nothing that is wanted after a power failure.
  const isVolatile = record.remove && canBeVolatile()
  return { base, lowers: short, upper: stack.upper, work: stack.work, mountPoint: rootfs, ...(isVolatile && { isVolatile }) }
}
