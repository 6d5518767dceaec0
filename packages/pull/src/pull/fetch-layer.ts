import type { Digest } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { PullError, type PullErrorCode } from '../error.ts'
import type { PullListener } from '../events.ts'
import type { LayerChoice } from '../layers/layer-format.ts'
import type { Registry } from '../registry/registry.ts'
import type { RetryPolicy } from '../transfer/retries.ts'
import { downloadLayer } from './download-layer.ts'
import type { PulledLayer } from './pulled-layer.ts'
import { unpackKeptBlob } from './unpack-kept-blob.ts'

export interface LayerContext {
  readonly registry: Registry
  readonly store: Store
  readonly signal: AbortSignal
  /** What the layer is to be in the store. */
  readonly layerForm: LayerChoice
  /** The blob need not be there. */
  readonly discardBlobs?: boolean | undefined
  /** It is the only one, and the other processors have nothing to do. */
  readonly isAlone?: boolean | undefined
  readonly retry?: RetryPolicy | undefined
  readonly onEvent?: PullListener | undefined
}

/** Milliseconds after which a lock that somebody else holds is worth an event. */
const NOTICEABLE_WAIT = 200
const OF_THE_ARCHIVE: ReadonlySet<PullErrorCode> = new Set(['BAD_ARCHIVE', 'DIFF_ID_MISMATCH', 'NO_SPACE'])

/**
 * Sees to it that a layer is in the store, unpacked and, unless told otherwise, as a blob, and does only what is missing. When it fails,
 * nothing new is to be seen; of a download that was merely cut, the bytes wait for the next try.
 * @throws {PullError} `DIGEST_MISMATCH`, `SIZE_MISMATCH`, `DIFF_ID_MISMATCH`, `BAD_ARCHIVE`, and as {@link Registry} does
 */
export async function fetchLayer(layer: PulledLayer, context: LayerContext): Promise<void> {
  const { store, signal, onEvent } = context
  const { digest, size } = layer.descriptor
  const waiting = setTimeout(() => onEvent?.({ type: 'layer-waiting', digest, size }), NOTICEABLE_WAIT)
  const work = () => {
    clearTimeout(waiting)
    return bring(layer, context)
  }
  try {
    await store.layers.withLayerLock(layer.diffID, work, { signal })
  } catch (error) {
    throw error instanceof PullError && OF_THE_ARCHIVE.has(error.code) ? named(error, digest) : error
  } finally {
    clearTimeout(waiting)
  }
}

/** The unpacker knows no names. */
function named(error: PullError, digest: Digest): PullError {
  return new PullError(error.code, `pulling layer ${digest}: ${error.message}`, { cause: error, hint: error.hint })
}

async function bring(layer: PulledLayer, context: LayerContext): Promise<void> {
  const { store, discardBlobs, onEvent } = context
  const { diffID, descriptor } = layer
  const { digest, size } = descriptor
  const [hasBlob, hasLayer] = await Promise.all([store.blobs.has(digest), store.layers.has(diffID)])
  if (hasLayer && (hasBlob || discardBlobs)) return onEvent?.({ type: 'layer-exists', digest, size })
  const unpacked = hasBlob && (await unpackKeptBlob(layer, context))
  if (!unpacked) await downloadLayer(layer, context, { unpack: !hasLayer })
  onEvent?.({ type: 'layer-done', digest, size, diffID })
}
