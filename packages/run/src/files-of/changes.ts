import { closeSync, openSync, readFileSync } from 'node:fs'
import { OPEN_FLAGS } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import type { ContainerRecord, Store } from '@gocker/store'
import { LayerView } from '../rootfs/layer-view.ts'
import { ChangeWalker } from './change-walker.ts'

/** What a container has done to a file of its image. */
export interface FileChange {
  readonly kind: 'added' | 'changed' | 'deleted'
  readonly path: string
}

export interface ContainerChanges {
  readonly changes: readonly FileChange[]
  /** What is in the upper directory all the same: made to be mounted on, or copied up and as it was. With all that is below. */
  readonly unchanged: readonly string[]
}

/**
 * What a container's own file system has that its image has not, and the other way round; nothing of what is mounted in it.
 * A directory is changed when something in it is.
 * @throws {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 * @see https://docs.kernel.org/filesystems/overlayfs.html
 */
export async function containerChanges(store: Store, idOrName: string): Promise<ContainerChanges> {
  return changesOf(store, await store.containers.get(idOrName))
}

function changesOf(store: Store, { id, image }: ContainerRecord): ContainerChanges {
  const { config, upper } = store.paths.bundle(id)
  const { mounts } = JSON.parse(readFileSync(config, 'utf8')) as RuntimeSpec
  const layers = store.layers.files()
  const walker = new ChangeWalker(mounts.map(({ destination }) => destination))
  const directory = openSync(upper, OPEN_FLAGS.O_RDONLY | OPEN_FLAGS.O_DIRECTORY)
  try {
    const view = new LayerView(layers.of(store.layers.stack(image?.layers ?? [])))
    return { changes: walker.content(directory, { path: '/', below: view.find('/') }), unchanged: walker.unchanged }
  } finally {
    closeSync(directory)
    layers.close()
  }
}
