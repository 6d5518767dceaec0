import { type BlobWriter, StoreError } from '@gocker/store'
import { streamDigestLike } from '../digest.ts'
import { PullError, type PullErrorCode } from '../error.ts'
import { formOf, unpackInto } from '../layers/layer-format.ts'
import { downloadBlob } from '../transfer/download.ts'
import { Progress } from '../transfer/progress.ts'
import { checkedBlob } from './checked-blob.ts'
import type { LayerContext } from './fetch-layer.ts'
import type { PulledLayer } from './pulled-layer.ts'

/** The bytes themselves are wrong, wherever they come from. */
const WRONG_CONTENT: readonly PullErrorCode[] = ['BAD_ARCHIVE', 'DIFF_ID_MISMATCH', 'DIGEST_MISMATCH', 'SIZE_MISMATCH']

const WRONG_BYTES = 'the registry, a mirror or a proxy has sent wrong bytes'

interface Download {
  readonly writer: BlobWriter
  /** The whole blob from its first byte, if it is unpacked; what passes has been given to the writer. */
  readonly bytes: AsyncGenerator<Uint8Array, void, undefined>
  /** Ends what may be waiting for the network. */
  readonly stop: AbortController
}

/**
 * Fetches a layer's blob into the store and, where asked for, unpacks it while it arrives. It goes on where an earlier
 * download ended; should the bytes of that one turn out to be wrong, it begins once more at the first.
 */
export async function downloadLayer(layer: PulledLayer, context: LayerContext, options: { readonly unpack: boolean }): Promise<void> {
  const writer = await openWriter(layer, context)
  const resumedAt = writer.offset
  try {
    await downloadTo(writer, { layer, context, ...options })
  } catch (error) {
    if (resumedAt === 0 || !isOneOf(error, ['DIGEST_MISMATCH'])) throw error
    await downloadTo(await openWriter(layer, context), { layer, context, ...options })
  }
}

async function openWriter({ descriptor }: PulledLayer, { store, discardBlobs, signal }: LayerContext): Promise<BlobWriter> {
  if (discardBlobs) return checkedBlob(descriptor)
  return store.blobs.writer({ digest: descriptor.digest, size: descriptor.size, signal })
}

interface DownloadOptions {
  readonly layer: PulledLayer
  readonly context: LayerContext
  readonly unpack: boolean
}

async function downloadTo(writer: BlobWriter, { layer, context, unpack }: DownloadOptions): Promise<void> {
  const { digest, size } = layer.descriptor
  const stop = new AbortController()
  const either = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) }
  const download = { writer, stop, bytes: passingBytes(layer, either, { writer, fromStart: unpack }) }
  context.onEvent?.({ type: 'layer-started', digest, size, resumedAt: writer.offset })
  try {
    await (unpack ? unpackAndKeep(layer, context, download) : keep(download))
  } catch (cause) {
    throw await causeOf(cause, download, { layer, context })
  }
}

/** The blob and the layer become visible only when both are known to be right, the blob first. */
async function unpackAndKeep(
  { compression, diffID, descriptor }: PulledLayer,
  { store, signal, layerForm, isAlone }: LayerContext,
  download: Download,
): Promise<void> {
  const form = formOf(layerForm, descriptor.size)
  const draft = await store.layers.draft()
  try {
    const source = keptOpen(download.bytes)
    await unpackInto(draft, form, { source, compression, expectedDiffID: diffID, inflateAside: isAlone, signal })
    await keep(download)
    await draft.commit(diffID, { form })
  } finally {
    await draft.abort()
  }
}

async function keep({ writer, bytes }: Download): Promise<void> {
  await readOut(bytes)
  await writer.commit()
}

async function readOut(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

async function* passingBytes(
  { descriptor }: PulledLayer,
  { registry, signal, retry, onEvent }: LayerContext,
  { writer, fromStart }: { writer: BlobWriter; fromStart: boolean },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { offset } = writer
  const progress = new Progress(descriptor, { startAt: offset, onEvent })
  if (fromStart && offset > 0) for await (const chunk of writer.written()) yield chunk as Buffer
  for await (const chunk of downloadBlob(registry, descriptor, { offset, signal, policy: retry, onEvent })) {
    const behind = writer.write(chunk)
    if (behind !== undefined) await behind
    progress.add(chunk.length)
    yield chunk
  }
}

/** The same bytes for a reader that may leave early: the rest can still be read by somebody else. */
function keptOpen(bytes: Download['bytes']): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => ({ next: () => bytes.next() }) }
}

/**
 * Undoes the blob, and finds what is to blame: an archive that cannot be unpacked is most often one whose bytes were
 * damaged on the way, which the digest shows once the rest is here.
 */
async function causeOf(
  cause: unknown,
  download: Download,
  { layer, context }: { layer: PulledLayer; context: LayerContext },
): Promise<unknown> {
  const { signal } = context
  const mayBeDamaged = isOneOf(cause, ['BAD_ARCHIVE', 'DIFF_ID_MISMATCH']) && !signal.aborted
  const error = mayBeDamaged ? ((await damageOf(layer, download, context)) ?? cause) : inOurWords(cause)
  download.stop.abort()
  await download.bytes.return()
  await download.writer.abort({ keepPartial: isInterruption(error, signal) })
  return error
}

/** Only looks at the blob: a right one, too, must not come to be seen by way of an image that is wrong. */
async function damageOf(
  { descriptor }: PulledLayer,
  { writer, bytes }: Download,
  { store, discardBlobs, signal }: LayerContext,
): Promise<PullError | undefined> {
  const { digest, size } = descriptor
  try {
    await readOut(bytes)
  } catch {
    return undefined
  }
  if (discardBlobs) {
    const failure: unknown = await writer.commit().catch((error: unknown) => error)
    return failure instanceof PullError ? failure : undefined
  }
  await writer.abort({ keepPartial: true })
  const received = await store.blobs.writer({ digest, size, signal })
  try {
    const actual = await streamDigestLike(digest, received.written())
    if (actual === digest) return undefined
    return new PullError('DIGEST_MISMATCH', `fetching blob ${digest}: expected ${digest}, got ${actual}`, { hint: WRONG_BYTES })
  } finally {
    await received.abort()
  }
}

/** What was received until then is right as far as anybody knows, and worth going on from. */
function isInterruption(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (error instanceof PullError && !WRONG_CONTENT.includes(error.code) && error.code !== 'NO_SPACE')
}

function isOneOf(error: unknown, codes: readonly PullErrorCode[]): boolean {
  return error instanceof PullError && codes.includes(error.code)
}

/** The store verifies the blob; to who pulls, that is the registry's failure. */
function inOurWords(error: unknown): unknown {
  if (!(error instanceof StoreError) || (error.code !== 'DIGEST_MISMATCH' && error.code !== 'SIZE_MISMATCH')) return error
  return new PullError(error.code, error.message, { cause: error, hint: WRONG_BYTES })
}
