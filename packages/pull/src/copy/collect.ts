import { type Descriptor, type Digest, isIndexType } from '@gocker/oci'
import { PullError } from '../error.ts'
import type { FetchedManifest } from '../registry/manifest.ts'
import type { CopySource } from './places.ts'

/** A manifest or index with all that hangs on it. */
export interface Collected {
  /** What is named comes before what names it; the root is the last. */
  readonly documents: readonly FetchedManifest[]
  /** Each of them once. */
  readonly blobs: readonly Descriptor[]
}

const DEEPEST_INDEX = 4

/** Follows a document down to its blobs. */
export async function collect(source: CopySource, root: FetchedManifest): Promise<Collected> {
  const documents = new Map<Digest, FetchedManifest>()
  const blobs = new Map<Digest, Descriptor>()
  const visit = async (document: FetchedManifest, depth: number): Promise<void> => {
    if (documents.has(document.digest)) return
    if (depth > DEEPEST_INDEX)
      throw new PullError('BAD_RESPONSE', `copying ${source.place.name}: indexes in indexes, over ${DEEPEST_INDEX} deep`)
    const { content } = document
    if (content.kind === 'index') for (const child of content.index.manifests) await visit(await source.document(child), depth + 1)
    else for (const blob of [content.manifest.config, ...content.manifest.layers]) if (isCarried(blob)) blobs.set(blob.digest, blob)
    documents.set(document.digest, document)
  }
  await visit(root, 1)
  return { documents: [...documents.values()], blobs: [...blobs.values()] }
}

/** What is had from elsewhere is not the registry's to give. @see the image spec's "Non-Distributable Layers" */
function isCarried({ urls, mediaType }: Descriptor): boolean {
  return !(urls !== undefined && urls.length > 0 && /foreign|nondistributable/.test(mediaType))
}

export function descriptorOf({ bytes, digest, content }: FetchedManifest): Descriptor {
  const artifactType = artifactTypeOf(content)
  return { mediaType: content.mediaType, digest, size: bytes.length, ...(artifactType !== undefined && { artifactType }) }
}

/** @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers */
function artifactTypeOf(content: FetchedManifest['content']): string | undefined {
  if (isIndexType(content.mediaType)) return undefined
  const { artifactType, config } = content.kind === 'manifest' ? content.manifest : {}
  return artifactType ?? config?.mediaType
}
