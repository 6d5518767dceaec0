import { type Compression, type Descriptor, type Digest, MEDIA_TYPES } from '@gocker/oci'
import type { BlobWriter, Store } from '@gocker/store'
import { PullError } from '../error.ts'
import { formOf, layerFormat, unpackInto } from '../layers/layer-format.ts'
import type { LayerFormat } from '../layers/layer-formats.ts'
import { openTarball } from './tarball.ts'

export interface ImportedLayer {
  readonly descriptor: Descriptor
  readonly diffID: Digest
}

export interface ImportLayerOptions {
  /** What messages call the tarball. */
  readonly sourceName?: string | undefined
  readonly source: AsyncIterable<Uint8Array>
  readonly store: Store
  /** What the layer is to be; by default what the environment and the settings say. */
  readonly layerFormat?: LayerFormat | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((bytes: number) => void) | undefined
}

const LAYER_TYPES: Readonly<Record<Compression, string>> = {
  none: MEDIA_TYPES.ociLayer,
  gzip: MEDIA_TYPES.ociLayerGzip,
  zstd: MEDIA_TYPES.ociLayerZstd,
}

/** Keeps a tarball as a blob and unpacks it, in one pass. */
export async function importLayer(options: ImportLayerOptions): Promise<ImportedLayer> {
  try {
    return await keepLayer(options)
  } catch (error) {
    if (!(error instanceof PullError)) throw error
    const { code, message, hint } = error
    throw new PullError(code, `importing ${options.sourceName ?? '-'}: ${message}`, { cause: error, hint })
  }
}

async function keepLayer({ source, store, signal, layerFormat: asked, onProgress }: ImportLayerOptions): Promise<ImportedLayer> {
  const form = formOf(await layerFormat(store, { asked }))
  const tarball = await openTarball(source)
  const draft = await store.layers.draft()
  const blob = await store.blobs.writer({ ...(signal !== undefined && { signal }) })
  try {
    const kept = keeping(tarball.content, blob, onProgress)
    const { diffID } = await unpackInto(draft, form, { source: kept, compression: tarball.compression, signal })
    const digest = await blob.commit()
    await draft.commit(diffID, { form })
    return { descriptor: { mediaType: LAYER_TYPES[tarball.compression], digest, size: blob.offset }, diffID }
  } finally {
    await draft.abort()
    await blob.abort()
  }
}

async function* keeping(
  source: AsyncIterable<Uint8Array>,
  blob: BlobWriter,
  onProgress: ImportLayerOptions['onProgress'],
): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    await blob.write(chunk)
    onProgress?.(blob.offset)
    yield chunk
  }
}
