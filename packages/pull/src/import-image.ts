import {
  type ContainerConfig,
  type Descriptor,
  hostPlatform,
  type ImageConfig,
  type ImageManifest,
  MEDIA_TYPES,
  type Platform,
  parsePlatform,
  parseReference,
} from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import { PullError } from './error.ts'
import { applyChanges } from './import/changes.ts'
import { type ImportedLayer, importLayer } from './import/import-layer.ts'
import type { LayerFormat } from './layers/layer-formats.ts'

export interface ImportImageOptions {
  /** The tarball: plain, gzip or zstd, by its first bytes. */
  readonly source: AsyncIterable<Uint8Array>
  /** Where it comes from, for the image's history: a file's name, or `-`. */
  readonly sourceName?: string | undefined
  readonly store: Store
  /** What the layer is to be; by default what the environment and the settings say. */
  readonly layerFormat?: LayerFormat | undefined
  /** The name that the image gets; without one it has its id alone. */
  readonly reference?: string | undefined
  /** Instructions as `docker import --change` takes them: `CMD ["sh"]`, `ENV A=b`, ... */
  readonly changes?: readonly string[] | undefined
  /** The comment in the image's history. */
  readonly message?: string | undefined
  /** This machine's unless given. */
  readonly platform?: Platform | string
  /**
   * Seconds since 1970, the image's date: the same tarball then gives the same image. By default what SOURCE_DATE_EPOCH says, else now.
   * @see https://reproducible-builds.org/specs/source-date-epoch/
   */
  readonly sourceDateEpoch?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Told now and then how many bytes of the tarball have been taken, compressed as it is. */
  readonly onProgress?: ((bytes: number) => void) | undefined
}

/**
 * Makes an image of one layer of a root file system's tarball, as `docker import` does. The layer's blob is the tarball as it came, compressed or not.
 * @throws {PullError} `BAD_ARCHIVE`, `UNSUPPORTED_MEDIA_TYPE` (xz, bzip2, ...), `INVALID_OPTION` (a change, a name with a digest), `NO_SPACE`, ...
 * @throws {OciError} `INVALID_REFERENCE`, `INVALID_PLATFORM`
 * @throws {StoreError} what the disk refuses
 */
export async function importImage(options: ImportImageOptions): Promise<StoredImage> {
  const { store, reference, signal } = options
  const described = describe(options)
  if (reference !== undefined) checkName(reference)
  const work = async () => {
    const layer = await importLayer(options)
    const descriptor = await keepImage(store, layer, described)
    return await (reference === undefined ? store.images.add(descriptor) : store.images.tag(reference, descriptor))
  }
  return await store.keeping(work, { ...(signal !== undefined && { signal }) })
}

function checkName(reference: string): void {
  if (parseReference(reference).digest === undefined) return
  throw new PullError('INVALID_OPTION', `importing ${reference}: a digest is what an image comes to, and cannot be given`, {
    hint: 'such as hello, hello:1.2 or localhost:5000/hello',
  })
}

/** All of the image's config that does not come from the layer. */
type Description = Omit<ImageConfig, 'rootfs'>

function describe({ platform, changes = [], message, sourceName = '-', sourceDateEpoch }: ImportImageOptions): Description {
  const { os, architecture, variant } = platformOf(platform)
  const config: ContainerConfig = applyChanges(changes)
  const seconds = sourceDateEpoch ?? epochIn(process.env)
  const created = (seconds === undefined ? new Date() : new Date(seconds * 1000)).toISOString()
  return {
    created,
    architecture,
    os,
    ...(variant !== undefined && { variant }),
    config,
    history: [{ created, comment: message ?? `Imported from ${sourceName}` }],
  }
}

function epochIn({ SOURCE_DATE_EPOCH: text = '' }: NodeJS.ProcessEnv): number | undefined {
  if (text === '') return undefined
  if (/^\d+$/.test(text)) return Number(text)
  throw new PullError('INVALID_OPTION', `reading SOURCE_DATE_EPOCH of the environment: ${JSON.stringify(text)} is not seconds since 1970`)
}

function platformOf(platform: ImportImageOptions['platform']): Platform {
  if (platform === undefined) return hostPlatform()
  return typeof platform === 'string' ? parsePlatform(platform) : platform
}

async function keepImage(store: Store, { descriptor, diffID }: ImportedLayer, description: Description): Promise<Descriptor> {
  const imageConfig: ImageConfig = { ...description, rootfs: { type: 'layers', diff_ids: [diffID] } }
  const config = await keepDocument(store, MEDIA_TYPES.ociConfig, imageConfig)
  const manifest: ImageManifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers: [descriptor] }
  return await keepDocument(store, MEDIA_TYPES.ociManifest, manifest)
}

async function keepDocument(store: Store, mediaType: string, document: ImageConfig | ImageManifest): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(document))
  return { mediaType, digest: await store.blobs.put(bytes), size: bytes.length }
}
