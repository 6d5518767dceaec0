import type { Compression, Digest } from '@gocker/oci'
import { PullError } from '../error.ts'
import { feedThread } from './feed-thread.ts'
import { inflatesAtOnce } from './inflater.ts'
import { type LayerThread, startLayerThread } from './layer-thread.ts'

export interface UnpackLayerOptions {
  /** The blob's bytes, as they travel. Read at the pace of the disk; left early when unpacking fails. */
  readonly source: AsyncIterable<Uint8Array>
  readonly compression: Compression
  /** An empty directory: the layer is made in it. What is there after a failure is the caller's to remove. */
  readonly directory: string
  /** Instead: a file that is not there yet, which becomes an EROFS image of the layer; the directory stays empty, and is where it will be mounted. */
  readonly image?: string | undefined
  /** `layer` unless given: `.wh.` names hide files of the layers below. In a `plain` archive they are names as any other. */
  readonly kind?: 'layer' | 'plain' | undefined
  /** What the image's config says of this layer. */
  readonly expectedDiffID?: Digest | undefined
  /** Another thread inflates, where there is one with nothing else to do. */
  readonly inflateAside?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Told now and then how many bytes have been taken of the source. */
  readonly onProgress?: ((bytes: number) => void) | undefined
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
  const [here, there] = inflatesAtOnce() ? (['none', options.compression] as const) : ([options.compression, 'none'] as const)
  const threads = startThreads(options, there)
  const failed = new AbortController()
  const results = Promise.all([threads.writer.result, threads.first.result])
  results.catch((error) => failed.abort(error))
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([failed.signal, options.signal])
  try {
    await feedThread(threads.first, { ...options, compression: here, signal })
    const [layer] = await results
    checkDiffID(layer.diffID, options.expectedDiffID)
    return layer
  } finally {
    await Promise.all([...new Set([threads.first, threads.writer])].map((thread) => thread.stop()))
  }
}

/**
 * Where the tar is made it is hashed and written, so that no tar leaves a processor's cache and what goes from thread to thread is small. A layer
 * that has two threads is done sooner, though not with less work.
 */
function startThreads(
  { directory, image, kind, inflateAside }: UnpackLayerOptions,
  compression: Compression,
): { readonly first: LayerThread<unknown>; readonly writer: LayerThread } {
  const isAside = inflateAside === true && compression !== 'none'
  const arriving = { compression: isAside ? 'none' : compression } as const
  const writer =
    image === undefined
      ? startLayerThread({ kind: 'unpack', directory, hidesFiles: kind !== 'plain', ...arriving })
      : startLayerThread({ kind: 'make-image', directory, image, ...arriving })
  const first = isAside ? startLayerThread({ kind: 'inflate', compression, into: writer.ring.memory }) : writer
  return { first, writer }
}

function checkDiffID(actual: Digest, expected: Digest | undefined): void {
  if (expected === undefined || actual === expected) return
  throw new PullError('DIFF_ID_MISMATCH', `unpacking a layer: its content is ${actual}, expected ${expected}`, {
    hint: "the image's config does not fit its layers: whoever made the image has to make it anew",
  })
}
