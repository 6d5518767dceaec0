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
  /** undefined where it is damaged, or not written yet. */
  readonly spec: RuntimeSpec | undefined
}

export async function viewContainer(store: Store, record: ContainerRecord): Promise<ContainerView> {
  const now = await containerStatus(store, record)
  const isUp = now.status === 'running' || now.status === 'paused'
  return {
    record,
    settings: readSettings(record),
    now,
    health: await healthOf(store, record),
    networks: isUp ? joinedNetworks(store, record.id) : undefined,
    spec: readSpec(store, record),
  }
}

/** All containers, newest first; one that goes meanwhile is passed over. */
export async function viewContainers(store: Store): Promise<ContainerView[]> {
  return await Promise.all((await store.containers.list()).map((record) => viewContainer(store, record)))
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
