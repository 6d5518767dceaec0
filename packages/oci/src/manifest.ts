import type { Descriptor } from './descriptor.ts'
import { isDigest } from './digest.ts'
import { OciError } from './error.ts'
import { isIndexType, isManifestType, MEDIA_TYPES } from './media-types.ts'
import { isObject, misshapen, type Shape, withoutNulls } from './shape.ts'

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
  if (isObject(value)) return value
  throw new OciError('INVALID_DOCUMENT', `reading ${what}: not a JSON object`)
}

const DOCUMENT_SHAPES = { artifactType: 'text', annotations: 'object of texts' } as const

const DESCRIPTOR_SHAPES: Readonly<Record<string, Shape>> = {
  urls: 'list of texts',
  annotations: 'object of texts',
  platform: 'set',
  artifactType: 'text',
  data: 'text',
}

const PLATFORM_SHAPES: Readonly<Record<string, Shape>> = {
  os: 'text',
  architecture: 'text',
  variant: 'text',
  'os.version': 'text',
  'os.features': 'list of texts',
}

function readIndex(document: Record<string, unknown>): ImageIndex {
  if ('layers' in document || 'config' in document) throw invalid('an index must have neither config nor layers (CVE-2021-41190)')
  const manifests = readDescriptors(document.manifests, 'manifests')
  return { ...readCommon(document), manifests } as unknown as ImageIndex
}

function readManifest(document: Record<string, unknown>): ImageManifest {
  if ('manifests' in document) throw invalid('an image manifest must not have manifests (CVE-2021-41190)')
  const config = readDescriptor(document.config, 'config')
  const layers = readDescriptors(document.layers, 'layers')
  return { ...readCommon(document), config, layers } as unknown as ImageManifest
}

/** What both kinds have; what is null is left out. */
function readCommon(document: Record<string, unknown>): Record<string, unknown> {
  const rest = withoutNulls(document)
  const wrong = misshapen(rest, DOCUMENT_SHAPES)
  if (wrong !== undefined) throw invalid(wrong)
  return rest.subject === undefined ? rest : { ...rest, subject: readDescriptor(rest.subject, 'subject') }
}

function readDescriptors(value: unknown, where: string): Record<string, unknown>[] {
  if (!Array.isArray(value)) throw invalid(`${where} is not a list`)
  return value.map((item, position) => readDescriptor(item, `${where}[${position}]`))
}

function readDescriptor(value: unknown, at: string): Record<string, unknown> {
  const descriptor = withoutNulls(isObject(value) ? value : {})
  const { mediaType, digest, size } = descriptor
  if (typeof mediaType !== 'string') throw invalid(`${at}.mediaType is not a text`)
  if (typeof digest !== 'string' || !isDigest(digest)) throw invalid(`${at}.digest is ${JSON.stringify(digest)}`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw invalid(`${at}.size is ${JSON.stringify(size)}`)
  const wrong = misshapen(descriptor, DESCRIPTOR_SHAPES)
  if (wrong !== undefined) throw invalid(`${at}.${wrong}`)
  return isObject(descriptor.platform) ? { ...descriptor, platform: readPlatform(descriptor.platform, at) } : descriptor
}

/** Without a name it is that of nothing that runs anywhere: Go reads it so. */
function readPlatform(value: Record<string, unknown>, at: string): Record<string, unknown> {
  const platform = { os: '', architecture: '', ...withoutNulls(value) }
  const wrong = misshapen(platform, PLATFORM_SHAPES)
  if (wrong !== undefined) throw invalid(`${at}.platform.${wrong}`)
  return platform
}

function invalid(why: string): OciError {
  return new OciError('INVALID_DOCUMENT', `reading manifest: ${why}`)
}
