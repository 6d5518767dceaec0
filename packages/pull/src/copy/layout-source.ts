import { type Descriptor, type Digest, MEDIA_TYPES } from '@gocker/oci'
import { blobName } from '../archive/archive-writer.ts'
import { digestLike } from '../digest.ts'
import { PullError } from '../error.ts'
import { type FetchedManifest, readManifest } from '../registry/manifest.ts'
import { referrersTag } from '../registry/referrers.ts'
import type { LayoutFiles } from './layout-files.ts'
import type { Place } from './place.ts'
import type { CopySource } from './places.ts'

export const REF_NAME = 'org.opencontainers.image.ref.name'

/** An OCI image layout as a place to copy from. @throws {PullError} `NOT_FOUND`, `BAD_RESPONSE` */
export async function layoutSource(files: LayoutFiles, { place, tag }: { place: Place; tag: string | undefined }): Promise<CopySource> {
  const entries = await entriesOf(files)
  const document = (descriptor: Descriptor) => readDocument(files, descriptor)
  return {
    place,
    root: async () => await document(chosen(entries, { tag, name: place.name })),
    document,
    open: (blob, { offset }) => files.stream(blob, offset),
    referrers: (digest) => referrersOf(files, entries, digest),
    async tagged(tag) {
      const entry = entries.find((each) => nameOf(each) === tag)
      return entry && (await document(entry))
    },
  }
}

/** What `index.json` lists. @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md#indexjson-file */
async function entriesOf(files: LayoutFiles): Promise<readonly Descriptor[]> {
  const content = readManifest(await files.read('index.json'), MEDIA_TYPES.ociIndex, 'reading index.json')
  return content.kind === 'index' ? content.index.manifests : []
}

function nameOf({ annotations }: Descriptor): string | undefined {
  return annotations?.[REF_NAME]
}

function chosen(entries: readonly Descriptor[], { tag, name }: { tag: string | undefined; name: string }): Descriptor {
  // What refers to an image stands beside it, and has no name or that of a digest.
  const named = entries.filter((entry) => !/^sha\d+-[0-9a-f]{32,}/.test(nameOf(entry) ?? ''))
  const images = named.filter((entry) => nameOf(entry) !== undefined)
  const candidates = tag === undefined ? (images.length > 0 ? images : named) : named.filter((entry) => nameOf(entry) === tag)
  const [only, ...others] = candidates
  if (only !== undefined && others.length === 0) return only
  const why = only !== undefined ? 'it has several images' : tag === undefined ? 'it has no image' : `it has no ${tag}`
  const names = named.map(nameOf).filter((each) => each !== undefined)
  throw new PullError('NOT_FOUND', `reading ${name}: ${why}`, { hint: names.length > 0 ? `there are ${names.join(', ')}` : undefined })
}

async function readDocument(files: LayoutFiles, { digest, mediaType }: Descriptor): Promise<FetchedManifest> {
  const name = blobName(digest)
  const bytes = await files.read(name)
  const actual = digestLike(digest, bytes)
  if (actual !== digest) throw new PullError('DIGEST_MISMATCH', `reading ${name}: expected ${digest}, got ${actual}`)
  return { bytes, digest, content: readManifest(bytes, mediaType, `reading ${name}`) }
}

/** By their subject, or by the tag under which registries without the API keep their list. */
async function referrersOf(files: LayoutFiles, entries: readonly Descriptor[], digest: Digest): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>()
  for (const entry of entries) {
    if (nameOf(entry) === referrersTag(digest)) {
      const { content } = await readDocument(files, entry)
      if (content.kind === 'index') for (const each of content.index.manifests) found.set(each.digest, each)
    } else if (nameOf(entry) === undefined) {
      const { content } = await readDocument(files, entry)
      const { subject } = content.kind === 'index' ? content.index : content.manifest
      if (subject?.digest === digest) found.set(entry.digest, entry)
    }
  }
  return [...found.values()]
}
