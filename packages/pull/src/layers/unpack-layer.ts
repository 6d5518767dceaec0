import type { Compression, Digest } from '@gocker/oci'
import { PullError } from '../error.ts'
import { inflateInto } from './inflate.ts'
import { type LayerThread, startLayerThread } from './layer-thread.ts'
import { ringStream } from './ring-stream.ts'

export interface UnpackLayerOptions {
  /** The blob's bytes, as they travel. Read at the pace of the disk; left early when unpacking fails. */
  readonly source: AsyncIterable<Uint8Array>
  readonly compression: Compression
  /** An empty directory: the layer is made in it. What is there after a failure is the caller's to remove. */
  readonly directory: string
  /** What the image's config says of this layer. */
  readonly expectedDiffID?: Digest | undefined
  readonly signal?: AbortSignal | undefined
  /** Told now and then how many bytes of the tar have been taken. */
  readonly onProgress?: ((tarBytes: number) => void) | undefined
}

export interface UnpackedLayer {
  /** The digest of the tar without its compression. */
  readonly diffID: Digest
  /** Bytes of the tar without its compression. */
  readonly size: number
  /** Entries of the archive. */
  readonly entries: number
}

/**
 * Makes a layer's directory of its blob in one pass, as overlayfs wants a lower directory: whiteouts are character devices 0/0,
 * opaque directories carry `trusted.overlay.opaque`. Nothing is written outside of `directory`, whatever the archive says.
 * @throws {PullError} `BAD_ARCHIVE`, `DIFF_ID_MISMATCH`, `NO_SPACE`
 * @see https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
export async function unpackLayer(options: UnpackLayerOptions): Promise<UnpackedLayer> {
  options.signal?.throwIfAborted()
  const thread = startLayerThread({ kind: 'unpack', directory: options.directory })
  try {
    await feed(thread, options)
    const layer = await thread.result
    checkDiffID(layer.diffID, options.expectedDiffID)
    return layer
  } finally {
    await thread.stop()
  }
}

// The thread's failure ends the feeding, and is the reason that is told.
async function feed(thread: LayerThread, { source, compression, signal, onProgress }: UnpackLayerOptions): Promise<void> {
  const failed = new AbortController()
  thread.result.catch((error) => failed.abort(error))
  const stop = signal === undefined ? failed.signal : AbortSignal.any([failed.signal, signal])
  const destination = ringStream(thread.ring, onProgress)
  try {
    await Promise.race([inflateInto(destination, { source, compression, signal: stop }), abortOf(stop)])
  } catch (error) {
    throw stop.aborted ? stop.reason : error
  }
}

// A pipeline waits for a source that gives nothing, even to be left.
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function checkDiffID(actual: Digest, expected: Digest | undefined): void {
  if (expected === undefined || actual === expected) return
  throw new PullError('DIFF_ID_MISMATCH', `unpacking a layer: its content is ${actual}, expected ${expected}`, {
    hint: "the image's config does not fit its layers: whoever made the image has to make it anew",
  })
}
