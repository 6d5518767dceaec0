import { type Descriptor, type Digest, digestAlgorithm, digestHex, type ImageIndex, MEDIA_TYPES } from '@gocker/oci'
import { PullError } from '../error.ts'
import type { Connection } from './connection.ts'
import { type FetchedManifest, fetchManifest, readManifest } from './manifest.ts'
import { readBody } from './read-body.ts'
import { discard } from './redirect.ts'

const LARGEST_LIST = 4 * 1024 * 1024
const MOST_PAGES = 100

/** The tag under which a registry without the referrers API keeps the list of them. */
export function referrersTag(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestHex(digest)}`
}

/**
 * The manifests that name `digest` as their subject: from the registry's own list, else from the one kept under a tag.
 * @throws {PullError} see {@link Connection.send}
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export async function fetchReferrers(connection: Connection, digest: Digest, signal?: AbortSignal): Promise<readonly Descriptor[]> {
  const listed = await listReferrers(connection, digest, signal)
  if (listed !== undefined) return listed
  const found = await fetchTagged(connection, referrersTag(digest), signal)
  return found?.content.kind === 'index' ? found.content.index.manifests : []
}

/** What a tag names, or nothing: a stranger may be told that he may not see what is not there. */
export async function fetchTagged(connection: Connection, tag: string, signal?: AbortSignal): Promise<FetchedManifest | undefined> {
  try {
    return await fetchManifest(connection, tag, signal)
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

async function listReferrers(connection: Connection, digest: Digest, signal: AbortSignal | undefined): Promise<Descriptor[] | undefined> {
  const found: Descriptor[] = []
  let path: string | URL | undefined = `referrers/${digest}`
  for (let count = 0; path !== undefined && count < MOST_PAGES; count++) {
    const page = await listPage(connection, { digest, path, signal })
    if (page === undefined) return undefined
    found.push(...page.referrers)
    path = page.next
  }
  return found
}

interface Page {
  readonly referrers: readonly Descriptor[]
  readonly next: URL | undefined
}

async function listPage(
  connection: Connection,
  { digest, path, signal }: { digest: Digest; path: string | URL; signal: AbortSignal | undefined },
): Promise<Page | undefined> {
  const request = { doing: `listing what refers to ${digest}`, path, headers: { accept: MEDIA_TYPES.ociIndex } }
  const response = await connection.send({ ...request, expected: [200, 400, 404, 405, 406, 501], signal }).catch(ifAbsence)
  if (response === undefined) return undefined
  if (response.status !== 200 || !String(response.headers['content-type']).startsWith(MEDIA_TYPES.ociIndex)) {
    await discard(response)
    return undefined
  }
  const content = readManifest(await readBody(response, LARGEST_LIST), MEDIA_TYPES.ociIndex, request.doing)
  const [, next] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(response.headers.link ?? '')) ?? []
  return {
    referrers: content.kind === 'index' ? content.index.manifests : [],
    next: next === undefined ? undefined : new URL(next, response.url),
  }
}

function ifAbsence(error: unknown): undefined {
  if (!isAbsence(error)) throw error
}

function isAbsence(error: unknown): boolean {
  return error instanceof PullError && ['NOT_FOUND', 'DENIED', 'UNAUTHORIZED'].includes(error.code)
}

/** A list of referrers with one more. */
export function withReferrer(list: readonly Descriptor[], referrer: Descriptor): ImageIndex {
  const others = list.filter(({ digest }) => digest !== referrer.digest)
  return { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [...others, referrer] }
}
