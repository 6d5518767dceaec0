import { readFileSync } from 'node:fs'
import { type ContainerConfig, parseImageConfig, parseManifest, type RuntimeSpec } from '@gocker/oci'
import {
  type ContainerSettings,
  type ContainerStatusNow,
  containerStatus,
  type Health,
  healthOf,
  type JoinedNetworks,
  joinedNetworks,
  readSettings,
} from '@gocker/run'
import { type ContainerRecord, type Store, treeSize } from '@gocker/store'

/** What is known of a container at one moment. */
export interface ContainerView {
  readonly record: ContainerRecord
  readonly settings: ContainerSettings
  readonly now: ContainerStatusNow
  /** undefined where nothing checks it. */
  readonly health: Health | undefined
  /** What it has on networks while it runs. */
  readonly networks: JoinedNetworks | undefined
  /** undefined where it is damaged, or not written yet. Read each time that it is asked for; a copy of the view keeps it. */
  readonly spec: RuntimeSpec | undefined
}

export async function viewContainer(store: Store, record: ContainerRecord): Promise<ContainerView> {
  return await viewOf(store, record, await containerStatus(store, record))
}

/**
 * All containers, newest first, or those whose status is wanted: of the others no more than that is read. One that goes meanwhile is
 * passed over.
 */
export async function viewContainers(
  store: Store,
  isWanted: (status: ContainerStatusNow['status']) => boolean = () => true,
): Promise<ContainerView[]> {
  const views = (await store.containers.list()).map(async (record) => {
    const now = await containerStatus(store, record)
    return isWanted(now.status) ? await viewOf(store, record, now) : undefined
  })
  return (await Promise.all(views)).filter((view) => view !== undefined)
}

async function viewOf(store: Store, record: ContainerRecord, now: ContainerStatusNow): Promise<ContainerView> {
  const isUp = now.status === 'running' || now.status === 'paused'
  return {
    record,
    settings: readSettings(record),
    now,
    health: await healthOf(store, record),
    networks: isUp ? joinedNetworks(store, record.id) : undefined,
    // The largest of a container's files: not every list shows something of it, and none needs those of all containers at once.
    get spec() {
      return readSpec(store, record)
    },
  }
}

function readSpec(store: Store, { id }: ContainerRecord): RuntimeSpec | undefined {
  try {
    return JSON.parse(readFileSync(store.paths.bundle(id).config, 'utf8')) as RuntimeSpec
  } catch {
    return undefined
  }
}

/** How its image said that it runs; nothing where the image is gone. */
export async function imageConfigOf({ blobs }: Store, { image }: ContainerRecord): Promise<ContainerConfig> {
  if (image === undefined) return {}
  try {
    const document = parseManifest(await blobs.read(image.manifest))
    if (document.kind !== 'manifest') return {}
    return parseImageConfig(await blobs.read(document.manifest.config.digest)).config ?? {}
  } catch {
    return {}
  }
}

/** Bytes that a container has written, and with those of its image's files. */
export async function containerSizes(store: Store, { id, image }: ContainerRecord): Promise<{ written: number; all: number }> {
  const written = await treeSize(store.paths.bundle(id).upper).catch(() => 0)
  const layers = await Promise.all((image?.layers ?? []).map((layer) => store.layers.size(layer).catch(() => 0)))
  return { written, all: layers.reduce((total, size) => total + size, written) }
}
