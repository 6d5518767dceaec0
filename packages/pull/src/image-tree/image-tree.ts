import { type Digest, layerCompression } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import { PullError } from '../error.ts'
import { keptBlob } from '../transfer/kept-blob.ts'
import { imageHistory } from './image-history.ts'
import { layerContent } from './layer-content.ts'
import { type FileChange, MergedTree, type WastedFile } from './merged-tree.ts'

export interface LayerOfTree {
  readonly diffID: Digest
  /** The blob that it travels in, and the bytes of that. */
  readonly digest: Digest
  readonly blobSize: number
  /** What has made it, as far as the image says. */
  readonly command: string
  /** Bytes of the files that it brings. */
  readonly size: number
  /** Bytes of files of the layers below that it overwrites or removes: they are in the image, and no container sees them. */
  readonly hides: number
  readonly changes: readonly FileChange[]
}

export interface ImageTree {
  readonly id: Digest
  /** The lowest first. */
  readonly layers: readonly LayerOfTree[]
  /** Bytes of the files of all layers. */
  readonly size: number
  /** Bytes of those that no container sees. */
  readonly wasted: number
  /** What part of the bytes is seen: 0 to 1. */
  readonly efficiency: number
  /** The most wasteful first. */
  readonly wastedFiles: readonly WastedFile[]
}

/**
 * Finds out what each layer of an image adds, overwrites and removes. Reads the layers' blobs.
 * @throws {StoreError} `NOT_FOUND` where a blob is missing; {PullError} `BAD_ARCHIVE`
 */
export async function imageTree(
  store: Store,
  image: StoredImage,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<ImageTree> {
  const tree = new MergedTree()
  const layers: LayerOfTree[] = []
  const commands = imageHistory(image).filter(({ diffID }) => diffID !== undefined)
  for (const [at, { digest, size: blobSize, mediaType }] of image.manifest.layers.entries()) {
    const diffID = image.layers[at]
    const compression = layerCompression(mediaType)
    if (diffID === undefined || compression === undefined)
      throw new PullError('UNSUPPORTED_MEDIA_TYPE', `reading layer ${digest}: ${mediaType} is no layer of an image`)
    const content = await layerContent({ source: keptBlob(store, digest), compression, signal })
    const size = content.entries.reduce((total, entry) => total + entry.size, 0)
    layers.push({ diffID, digest, blobSize, command: commands[at]?.createdBy ?? '', size, ...tree.lay(content) })
  }
  const size = layers.reduce((total, layer) => total + layer.size, 0)
  const wasted = layers.reduce((total, layer) => total + layer.hides, 0)
  return { id: image.id, layers, size, wasted, efficiency: size === 0 ? 1 : (size - wasted) / size, wastedFiles: tree.wasted() }
}
