import { type Descriptor, formatReference, isDigest, OciError, type Platform, parseReference } from '@gocker/oci'
import { type Store, type StoredIndex, StoreError } from '@gocker/store'
import { PullError } from '../error.ts'
import { checkPlatform } from './known-platform.ts'

export interface AnnotateListOptions {
  readonly store: Store
  readonly name: string
  /** The name that the list was made with, or a digest. */
  readonly manifest: string
  /** What is left out stays. */
  readonly platform: Partial<Platform>
}

/** Changes what a list says of one of its images. @throws {StoreError}, {PullError} `NOT_FOUND`, `INVALID_OPTION` */
export async function annotateManifestList({ store, name, manifest, platform }: AnnotateListOptions): Promise<StoredIndex> {
  const list = await manifestList(store, name)
  const chosen = entryNamed(list, manifest)
  const after = { os: '', architecture: '', ...chosen.platform, ...platform }
  if (after.os === '' || after.architecture === '')
    throw new PullError('INVALID_OPTION', `annotating ${manifest}: a platform has an operating system and an architecture`)
  checkPlatform(platform, after)
  const manifests = list.index.manifests.map((entry) => (entry === chosen ? { ...entry, platform: after } : entry))
  return await store.indexes.keep(name, { index: { ...list.index, manifests }, sources: list.sources })
}

/** @throws {StoreError} `NOT_FOUND` */
export async function manifestList(store: Store, name: string): Promise<StoredIndex> {
  const list = await store.indexes.find(name)
  if (list !== undefined) return list
  throw new StoreError('NOT_FOUND', `finding manifest list ${name}: there is none`, { hint: 'gocker manifest create makes one' })
}

/** @throws {PullError} `NOT_FOUND`, `INVALID_OPTION` where several have come by one name */
export function entryNamed({ name, index, sources }: StoredIndex, text: string): Descriptor {
  const digest = digestIn(text)
  const isMeant = (entry: Descriptor) =>
    digest === undefined ? sources[entry.digest] === formatReference(parseReference(text)) : entry.digest === digest
  const [only, ...others] = index.manifests.filter(isMeant)
  if (only === undefined)
    throw new PullError('NOT_FOUND', `finding ${text} in manifest list ${name}: it is not there`, {
      hint: `there are ${index.manifests.map((entry) => entry.digest).join(', ')}`,
    })
  if (others.length === 0) return only
  throw new PullError('INVALID_OPTION', `finding ${text} in manifest list ${name}: it has several of that name`, {
    hint: `give a digest: ${[only, ...others].map((entry) => entry.digest).join(', ')}`,
  })
}

function digestIn(text: string): string | undefined {
  if (isDigest(text)) return text
  try {
    return parseReference(text).digest
  } catch (error) {
    if (error instanceof OciError) return undefined
    throw error
  }
}
