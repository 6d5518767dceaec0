import type { Store } from '@gocker/store'
import { PullError } from '../error.ts'
import type { PullListener } from '../events.ts'
import type { LayerChoice } from '../layers/layer-format.ts'
import type { PulledLayer } from './pulled-layer.ts'
import { unpackKeptBlob } from './unpack-kept-blob.ts'

export interface UnpackStoredLayerOptions {
  readonly store: Store
  /** `directory` unless given. */
  readonly layerForm?: LayerChoice | undefined
  readonly signal: AbortSignal
  readonly onEvent?: PullListener | undefined
}

/**
 * Unpacks a layer whose blob is in the store, where that has not been done.
 * @throws {PullError} `READ_FAILED`, and as {@link unpackLayer} does
 */
export async function unpackStoredLayer(
  layer: PulledLayer,
  { store, layerForm = 'directory', signal, onEvent }: UnpackStoredLayerOptions,
): Promise<void> {
  const { digest, size } = layer.descriptor
  const work = async () => {
    if (await store.layers.has(layer.diffID)) return onEvent?.({ type: 'layer-exists', digest, size })
    if (await unpackKeptBlob(layer, { store, layerForm, signal, onEvent }))
      return onEvent?.({ type: 'layer-done', digest, size, diffID: layer.diffID })
    throw new PullError('READ_FAILED', `unpacking layer ${digest}: its blob has changed on the disk`)
  }
  await store.layers.withLayerLock(layer.diffID, work, { signal })
}
