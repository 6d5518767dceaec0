import type { Descriptor } from './descriptor.ts'
import { isDigest } from './digest.ts'
import { OciError } from './error.ts'
import { isIndexType, isManifestType, MEDIA_TYPES } from './media-types.ts'

/** @see https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export interface ImageManifest {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** @see https://github.com/opencontainers/image-spec/blob/main/image-index.md */
export interface ImageIndex {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly artifactType?: string
  readonly manifests: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** `mediaType` is the document's own, else what it was served as, else OCI's. */
export type ManifestOrIndex =
  | { readonly kind: 'manifest'; readonly mediaType: string; readonly manifest: ImageManifest }
  | { readonly kind: 'index'; readonly mediaType: string; readonly index: ImageIndex }

/**
 * Reads what a registry or a layout gives for a manifest.
 * @param mediaType the Content-Type or the descriptor's, which the document's own `mediaType` must not contradict
 * @throws {OciError} `INVALID_DOCUMENT`
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): ManifestOrIndex {
  const document = parseJsonObject(bytes, 'manifest')
  const own = typeof document.mediaType === 'string' ? document.mediaType : undefined
  const type = own ?? mediaType ?? ''
  if (document.schemaVersion !== 2) throw invalid(`schemaVersion is ${JSON.stringify(document.schemaVersion)}, expected 2`)
  const said = mediaType !== undefined && (isIndexType(mediaType) || isManifestType(mediaType)) ? mediaType : undefined
  if (own !== undefined && said !== undefined && own !== said) throw invalid(`mediaType is ${own}, and it was served as ${said}`)
  if (isIndexType(type) || (!isManifestType(type) && Array.isArray(document.manifests) && !('layers' in document)))
    return { kind: 'index', mediaType: isIndexType(type) ? type : MEDIA_TYPES.ociIndex, index: readIndex(document) }
  if (isManifestType(type) || 'config' in document)
    return { kind: 'manifest', mediaType: isManifestType(type) ? type : MEDIA_TYPES.ociManifest, manifest: readManifest(document) }
  throw invalid(`media type ${JSON.stringify(type)} is neither an image manifest's nor an index's`)
}

/** @throws {OciError} `INVALID_DOCUMENT` */
export function parseJsonObject(bytes: Uint8Array, what: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new OciError('INVALID_DOCUMENT', `reading ${what}: not JSON`, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new OciError('INVALID_DOCUMENT', `reading ${what}: not a JSON object`)
}

function readIndex(document: Record<string, unknown>): ImageIndex {
  if ('layers' in document || 'config' in document) throw invalid('an index must have neither config nor layers (CVE-2021-41190)')
  readDescriptors(document.manifests, 'manifests')
  return document as unknown as ImageIndex
}

function readManifest(document: Record<string, unknown>): ImageManifest {
  if ('manifests' in document) throw invalid('an image manifest must not have manifests (CVE-2021-41190)')
  readDescriptors([document.config], 'config')
  readDescriptors(document.layers, 'layers')
  return document as unknown as ImageManifest
}

function readDescriptors(value: unknown, where: string): void {
  if (!Array.isArray(value)) throw invalid(`${where} is not a list`)
  for (const [position, item] of value.entries()) {
    const { mediaType, digest, size } = (item ?? {}) as Partial<Record<keyof Descriptor, unknown>>
    const at = `${where}[${position}]`
    if (typeof mediaType !== 'string') throw invalid(`${at}.mediaType is not a text`)
    if (typeof digest !== 'string' || !isDigest(digest)) throw invalid(`${at}.digest is ${JSON.stringify(digest)}`)
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw invalid(`${at}.size is ${JSON.stringify(size)}`)
  }
}

function invalid(why: string): OciError {
  return new OciError('INVALID_DOCUMENT', `reading manifest: ${why}`)
}
