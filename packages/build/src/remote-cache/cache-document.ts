import { type Descriptor, type Digest, isDigest, layerCompression } from '@gocker/oci'
import { BuildError } from '../error.ts'

/** In the place of an image's config: so nobody takes the cache for an image. */
export const CACHE_TYPE = 'application/vnd.gocker.build-cache.v1+json'

/** A step's result as others can use it. */
export interface RemoteStep {
  /** ISO 8601. */
  readonly created: string
  /** `descriptor` is the layer's blob, which stands beside this document. */
  readonly layer?: { readonly diffID: Digest; readonly descriptor: Descriptor }
}

/** Results by the step's key, which is a digest: neither commands nor files' names nor secrets are in it. */
export type RemoteSteps = ReadonlyMap<string, RemoteStep>

export function cacheDocument(steps: RemoteSteps): object {
  const sorted = [...steps].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    steps: Object.fromEntries(
      sorted.map(([key, { created, layer }]) => [
        key,
        { created, ...(layer !== undefined && { layer: { diffID: layer.diffID, blob: layer.descriptor.digest } }) },
      ]),
    ),
  }
}

interface WrittenStep {
  readonly created?: unknown
  readonly layer?: { readonly diffID?: unknown; readonly blob?: unknown }
}

/**
 * @param layers the descriptors of the blobs that the steps name
 * @throws {BuildError} `INVALID_OPTION` when it is not such a document
 */
export function parseCacheDocument(bytes: Buffer, layers: readonly Descriptor[]): RemoteSteps {
  const blobs = new Map(layers.map((descriptor) => [descriptor.digest, descriptor]))
  const { steps } = (readJson(bytes) ?? {}) as { steps?: Readonly<Record<string, WrittenStep>> }
  if (typeof steps !== 'object' || steps === null) throw damaged()
  return new Map(Object.entries(steps).map(([key, step]) => [key, readStep(step, blobs)]))
}

function readStep(step: WrittenStep | null, blobs: ReadonlyMap<string, Descriptor>): RemoteStep {
  const { created, layer } = step ?? {}
  if (typeof created !== 'string') throw damaged()
  if (layer === undefined) return { created }
  const { diffID, blob } = layer
  const descriptor = typeof blob === 'string' ? blobs.get(blob) : undefined
  if (typeof diffID !== 'string' || !isDigest(diffID) || descriptor === undefined || layerCompression(descriptor.mediaType) === undefined)
    throw damaged()
  const { mediaType, digest, size } = descriptor
  return { created, layer: { diffID, descriptor: { mediaType, digest, size } } }
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw damaged()
  }
}

function damaged(): BuildError {
  return new BuildError('INVALID_OPTION', 'it is not as gocker writes it')
}
