import { type Descriptor, type Digest, layerCompression } from '@gocker/oci'
import type { Store } from '@gocker/store'
import type { Connection } from '../registry/connection.ts'
import { Progress } from '../transfer/progress.ts'
import type { RetryPolicy } from '../transfer/retries.ts'
import { retrying } from '../transfer/retries.ts'
import { type BlobFacts, type BlobSource, compressedSource, storedSource } from './blob-source.ts'
import { knownFacts, rememberFacts } from './compressed-facts.ts'
import { compressedMediaType, type LayerCompression } from './compression.ts'
import { type PushListener, retriesTo } from './events.ts'
import { hasBlob, mountBlob, uploadBlob } from './upload.ts'

export interface PushContext {
  readonly connection: Connection
  readonly store: Store
  readonly compression: LayerCompression
  /** Other repositories of the registry that have a blob, likely. */
  readonly mountSources: (digest: Digest) => readonly string[]
  readonly retry?: RetryPolicy | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: PushListener | undefined
}

/**
 * Sees to it that the registry has a layer, and sends it only where it has not. A plain layer is compressed on its way.
 * @returns the layer's descriptor there
 */
export async function pushLayer(layer: Descriptor, context: PushContext): Promise<Descriptor> {
  const { store, compression } = context
  if (layerCompression(layer.mediaType) !== 'none') {
    await pushSource(layer, storedSource(layer, { store, onBytes: progressOf(layer, context) }), context)
    return layer
  }
  const known = await knownFacts(store, layer.digest, compression)
  const source = compressedSource(layer, compression, { store, onBytes: progressOf(layer, context), known })
  const { digest, size } = await pushSource(layer, source, context)
  if (known === undefined) await rememberFacts(store, layer.digest, compression, { digest, size })
  return { mediaType: compressedMediaType(compression), digest, size }
}

/** A config: sent without events. */
export async function pushSmallBlob(blob: Descriptor, { connection, store, retry, signal }: PushContext): Promise<void> {
  const options = { policy: retry, signal }
  if (await retrying(() => hasBlob(connection, blob, signal), options)) return
  await uploadBlob(connection, storedSource(blob, { store }), options)
}

async function pushSource({ digest, size }: BlobFacts, source: BlobSource, context: PushContext): Promise<BlobFacts> {
  const { connection, retry, signal, onEvent } = context
  const options = { policy: retry, signal, onEvent: retriesTo(onEvent) }
  const known = source.facts()
  if (known !== undefined) {
    if (await retrying(() => hasBlob(connection, known, signal), options)) {
      onEvent?.({ type: 'layer-exists', digest, size })
      return known
    }
    for (const from of context.mountSources(digest)) {
      if (!(await retrying(() => mountBlob(connection, known, { from, signal }), options))) continue
      onEvent?.({ type: 'layer-mounted', digest, size, from })
      return known
    }
  }
  onEvent?.({ type: 'layer-started', digest, size })
  const sent = await uploadBlob(connection, source, options)
  onEvent?.({ type: 'layer-done', digest, size, sent: sent.size })
  return sent
}

function progressOf({ digest, size }: Descriptor, { onEvent }: PushContext): (count: number) => void {
  const progress = new Progress({ digest, size }, { startAt: 0, onEvent: (event) => event.type === 'layer-progress' && onEvent?.(event) })
  return (count) => progress.add(count)
}
