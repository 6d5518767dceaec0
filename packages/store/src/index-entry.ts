import { type Descriptor, type Digest, formatReference, isManifestType, parseReference } from '@gocker/oci'

/** An entry of `index.json` is one name of one image, or one nameless image. */
export type IndexEntry = Descriptor

/** @see https://github.com/opencontainers/image-spec/blob/main/annotations.md */
const NAME = 'org.opencontainers.image.ref.name'
const REPO_DIGEST = 'dev.gocker.repo-digest'
/** The config's digest, so that an image is found by its id without reading every manifest. */
const IMAGE_ID = 'dev.gocker.image-id'

export function entryName(entry: IndexEntry): string | undefined {
  return entry.annotations?.[NAME]
}

export function entryRepoDigest(entry: IndexEntry): string | undefined {
  return entry.annotations?.[REPO_DIGEST]
}

/** `undefined` for an entry that another tool has written. */
export function entryImageId(entry: IndexEntry): Digest | undefined {
  return entry.annotations?.[IMAGE_ID] as Digest | undefined
}

export function isImageEntry(entry: IndexEntry): boolean {
  return isManifestType(entry.mediaType)
}

interface EntryFacts {
  readonly id: Digest
  readonly name?: string | undefined
  readonly repoDigest?: string | undefined
}

export function makeEntry(descriptor: Descriptor, { id, name, repoDigest }: EntryFacts): IndexEntry {
  const { mediaType, digest, size, platform } = descriptor
  const annotations = {
    [IMAGE_ID]: id,
    ...(name !== undefined && { [NAME]: name }),
    ...(repoDigest !== undefined && { [REPO_DIGEST]: repoDigest }),
  }
  return { mediaType, digest, size, ...(platform !== undefined && { platform }), annotations }
}

/**
 * The name as the index has it: a digest is a name of its own, whatever the tag beside it.
 * @throws {OciError} `INVALID_REFERENCE`
 */
export function canonicalName(text: string): string {
  const { registry, repository, tag, digest } = parseReference(text)
  return formatReference({ registry, repository, ...(digest === undefined ? tag !== undefined && { tag } : { digest }) })
}

/** `entries` with one more. An image that loses its name to it stays, nameless; one that had no name has one now. */
export function withEntry(entries: readonly IndexEntry[], entry: IndexEntry): IndexEntry[] {
  const name = entryName(entry)
  const same = entries.filter((other) => other.digest === entry.digest)
  if (name === undefined) return same.length > 0 ? [...entries] : [...entries, entry]
  const replaced = same.filter((other) => entryName(other) === name || entryName(other) === undefined)
  const rest = withoutName(
    entries.filter((other) => !replaced.includes(other)),
    name,
  )
  const repoDigest = entryRepoDigest(entry) ?? replaced.map(entryRepoDigest).find((digest) => digest !== undefined)
  return [...rest, repoDigest === undefined ? entry : annotated(entry, REPO_DIGEST, repoDigest)]
}

/** `entries` without a name; an image stays, nameless when that was its last, and an index goes. */
export function withoutName(entries: readonly IndexEntry[], name: string): IndexEntry[] {
  return entries.flatMap((entry) => {
    if (entryName(entry) !== name) return [entry]
    if (!isImageEntry(entry)) return []
    const isLast = !entries.some((other) => other !== entry && other.digest === entry.digest)
    return isLast ? [annotated(entry, NAME, undefined)] : []
  })
}

function annotated(entry: IndexEntry, key: string, value: string | undefined): IndexEntry {
  const { [key]: _, ...rest } = entry.annotations ?? {}
  return { ...entry, annotations: value === undefined ? rest : { ...rest, [key]: value } }
}
