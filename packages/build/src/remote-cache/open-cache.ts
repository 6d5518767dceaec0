import { type Descriptor, layerCompression } from '@gocker/oci'
import { unpackStoredLayer } from '@gocker/pull'
import type { Store } from '@gocker/store'
import type { BuildOptions } from '../options.ts'
import type { RemoteStep, RemoteSteps } from './cache-document.ts'
import type { CacheLocation } from './cache-location.ts'
import { openLocalCache } from './local-cache.ts'

/** A cache that is not this store's own. */
export interface OpenCache {
  readonly steps: RemoteSteps
  /** A layer's blob from `offset` on. */
  open(descriptor: Descriptor, offset: number): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** @throws {BuildError} `INVALID_OPTION` when there is no cache; {PullError}; what the disk says */
export async function openCache(location: CacheLocation, options: BuildOptions): Promise<OpenCache> {
  if (location.type === 'local') return await openLocalCache(location.directory)
  const { openRegistryCache } = await import('./registry-cache.ts')
  return await openRegistryCache(location.reference, options)
}

/** Brings a step's layer into the store, verified. @throws {PullError}, {StoreError} */
export async function bringLayer(
  cache: OpenCache,
  { layer }: RemoteStep,
  { store, signal }: { store: Store; signal: AbortSignal },
): Promise<void> {
  if (layer === undefined) return
  const { descriptor, diffID } = layer
  if (!(await store.blobs.has(descriptor.digest))) await bringBlob(cache, descriptor, { store, signal })
  await unpackStoredLayer({ descriptor, diffID, compression: layerCompression(descriptor.mediaType) ?? 'none' }, { store, signal })
}

async function bringBlob(
  cache: OpenCache,
  { digest, size, ...rest }: Descriptor,
  { store, signal }: { store: Store; signal: AbortSignal },
) {
  const writer = await store.blobs.writer({ digest, size, signal })
  try {
    if (writer.offset < size) {
      for await (const chunk of cache.open({ digest, size, ...rest }, writer.offset)) {
        signal.throwIfAborted()
        await writer.write(chunk)
      }
    }
    await writer.commit()
  } finally {
    await writer.abort()
  }
}
