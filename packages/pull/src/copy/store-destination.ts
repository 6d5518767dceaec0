import { availableParallelism } from 'node:os'
import { isConfigType, parseImageConfig, parseReference } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { PullError } from '../error.ts'
import { layerFormat } from '../layers/layer-format.ts'
import { checkIsImage, layersOf } from '../pull/pulled-layer.ts'
import { unpackStoredLayer } from '../pull/unpack-stored-layer.ts'
import { retriesTo } from '../push/events.ts'
import type { FetchedManifest } from '../registry/manifest.ts'
import { eachBounded } from '../transfer/bounded.ts'
import { descriptorOf } from './collect.ts'
import type { CopyImageOptions } from './copy-image.ts'
import type { CopyDestination, OpenBytes } from './places.ts'

/**
 * The store as a place to copy to: what it keeps can be run, so here the layers are unpacked, too.
 * @throws {OciError} `INVALID_REFERENCE`
 */
export function storeDestination(name: string, options: CopyImageOptions): CopyDestination {
  // Before anything is brought in vain.
  parseReference(name)
  const { store } = options
  let root: FetchedManifest | undefined
  return {
    keepsReferrers: false,
    has: ({ digest }) => store.blobs.has(digest),
    mount: async () => undefined,
    receive: (blob, open, signal) => writeBlob(store, { ...blob, open, signal }),
    async keep(document, as) {
      if (document.content.kind === 'manifest') checkIsImage(document.content.manifest, name)
      await store.blobs.put(document.bytes)
      if (as.role === 'root') root = document
    },
    async finish() {
      if (root !== undefined) await enter(name, root, options)
    },
  }
}

interface StoredBlob {
  readonly digest: Parameters<Store['blobs']['has']>[0]
  readonly size: number
  readonly open: OpenBytes
  readonly signal: AbortSignal
}

async function writeBlob(store: Store, { digest, size, open, signal }: StoredBlob): Promise<void> {
  const writer = await store.blobs.writer({ digest, size, signal })
  try {
    if (writer.offset < size) for await (const chunk of open(writer.offset)) await writer.write(chunk)
    await writer.commit()
  } finally {
    await writer.abort({ keepPartial: true })
  }
}

async function enter(name: string, root: FetchedManifest, { store, environment, signal, onEvent }: CopyImageOptions): Promise<void> {
  const { content } = root
  if (content.kind === 'index' || !isConfigType(content.manifest.config.mediaType))
    throw new PullError('UNSUPPORTED_MEDIA_TYPE', `copying to ${name}: it is no image of one platform`)
  const config = parseImageConfig(await store.blobs.read(content.manifest.config.digest))
  const limit = availableParallelism()
  const unpack = { store, layerForm: await layerFormat(store, { environment }), onEvent: retriesTo(onEvent) }
  await eachBounded(layersOf(content.manifest, config, name), (layer, either) => unpackStoredLayer(layer, { ...unpack, signal: either }), {
    limit,
    signal,
  })
  const { os, architecture, variant } = config
  const platform = { os, architecture, ...(variant !== undefined && variant !== '' && { variant }) }
  const { mediaType, digest, size } = descriptorOf(root)
  await store.images.tag(name, { mediaType, digest, size, platform })
}
