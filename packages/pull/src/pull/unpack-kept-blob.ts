import { streamDigestLike } from '../digest.ts'
import { PullError } from '../error.ts'
import { formOf, unpackInto } from '../layers/layer-format.ts'
import type { LayerContext } from './fetch-layer.ts'
import type { PulledLayer } from './pulled-layer.ts'

/**
 * Unpacks a layer whose blob is in the store already.
 * @returns false when the blob has rotted on the disk: it is gone then, and to be fetched anew
 * @throws {PullError} as {@link unpackInto} does
 */
export async function unpackKeptBlob(
  layer: PulledLayer,
  { store, signal, layerForm, onEvent }: Omit<LayerContext, 'registry'>,
): Promise<boolean> {
  const { compression, diffID, descriptor } = layer
  const { digest, size } = descriptor
  onEvent?.({ type: 'layer-started', digest, size, resumedAt: size })
  const form = formOf(layerForm, size)
  const draft = await store.layers.draft()
  try {
    await unpackInto(draft, form, { source: store.blobs.stream(digest), compression, expectedDiffID: diffID, signal })
    await draft.commit(diffID, { form })
    return true
  } catch (error) {
    if (!(error instanceof PullError) || (await streamDigestLike(digest, store.blobs.stream(digest))) === digest) throw error
    await store.blobs.remove(digest)
    return false
  } finally {
    await draft.abort()
  }
}
