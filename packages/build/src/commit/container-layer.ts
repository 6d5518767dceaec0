import { MEDIA_TYPES } from '@gocker/oci'
import { packLayer, unpackStoredLayer } from '@gocker/pull'
import { containerChanges } from '@gocker/run'
import type { ContainerRecord, Store } from '@gocker/store'
import type { BuiltLayer } from '../stage/built-layer.ts'

/**
 * Keeps what a container has done to its files as a layer. Equal files give equal layers.
 * @returns the layer; nothing when nothing was done
 */
export async function containerLayer(store: Store, { id }: ContainerRecord, signal: AbortSignal): Promise<BuiltLayer | undefined> {
  const { unchanged } = await containerChanges(store, id)
  const writer = await store.blobs.writer({ signal })
  try {
    const tree = { directory: store.paths.bundle(id).upper, whiteouts: 'overlay', leaveOut: unchanged } as const
    const { diffID, size, entries } = await packLayer({ ...tree, signal }, (chunk) => writer.write(chunk))
    if (entries === 0) return undefined
    const descriptor = { mediaType: MEDIA_TYPES.ociLayer, digest: await writer.commit(), size }
    // Not the upper directory itself: the container stays, and goes on.
    await unpackStoredLayer({ diffID, descriptor, compression: 'none' }, { store, signal })
    return { diffID, descriptor }
  } finally {
    await writer.abort()
  }
}
