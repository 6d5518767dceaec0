import { type Digest, digestOf, isDigest, type ManifestOrIndex, MEDIA_TYPES, OciError, parseManifest } from '@gocker/oci'
import { digestLike } from '../digest.ts'
import { PullError } from '../error.ts'
import type { Connection } from './connection.ts'
import type { HttpResponse } from './http.ts'
import { networkError } from './network-error.ts'
import { readBody } from './read-body.ts'

export interface FetchedManifest {
  readonly bytes: Buffer
  readonly digest: Digest
  readonly content: ManifestOrIndex
}

/** What a registry must at least take, and so the most that is ever read. @see the distribution spec's "Pushing Manifests" */
const LARGEST_MANIFEST = 4 * 1024 * 1024
const ACCEPT = [MEDIA_TYPES.ociIndex, MEDIA_TYPES.ociManifest, MEDIA_TYPES.dockerIndex, MEDIA_TYPES.dockerManifest].join(', ')

/**
 * Fetches a manifest or an index by tag or digest, and verifies it against the digest asked for or the one the registry names.
 * @throws {PullError} `DIGEST_MISMATCH`, `UNSUPPORTED_MEDIA_TYPE` for docker's schema 1, `BAD_RESPONSE`; see {@link Connection.send}
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
export async function fetchManifest(connection: Connection, tagOrDigest: string, signal?: AbortSignal): Promise<FetchedManifest> {
  const doing = `fetching manifest ${tagOrDigest} of ${connection.endpoint.repository}`
  const response = await connection.send({ doing, path: `manifests/${tagOrDigest}`, headers: { accept: ACCEPT }, expected: [200], signal })
  const bytes = await readWhole(response, { doing, signal })
  const mediaType = (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const digest = verifiedDigest(bytes, { doing, asked: tagOrDigest, named: response.headers['docker-content-digest'] })
  return { bytes, digest, content: readManifest(bytes, mediaType, doing) }
}

/**
 * Reads a manifest's bytes as {@link parseManifest} does, and refuses by name what has gone out of use.
 * @throws {PullError} `UNSUPPORTED_MEDIA_TYPE`, `BAD_RESPONSE`
 */
export function readManifest(bytes: Buffer, mediaType: string, doing: string): ManifestOrIndex {
  if (/^application\/vnd\.docker\.distribution\.manifest\.v1\+/.test(mediaType) || isSchema1(bytes))
    throw new PullError('UNSUPPORTED_MEDIA_TYPE', `${doing}: it is in docker's schema 1, which has gone out of use`, {
      hint: 'push the image anew with a tool of today',
    })
  try {
    return parseManifest(bytes, mediaType === '' ? undefined : mediaType)
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause
    throw new PullError('BAD_RESPONSE', `${doing}: ${cause.message}`, { cause })
  }
}

async function readWhole(response: HttpResponse, { doing, signal }: { doing: string; signal: AbortSignal | undefined }): Promise<Buffer> {
  try {
    return await readBody(response, LARGEST_MANIFEST)
  } catch (cause) {
    signal?.throwIfAborted()
    throw networkError(doing, cause, { contacted: true })
  }
}

function verifiedDigest(bytes: Buffer, { doing, asked, named }: { doing: string; asked: string; named: unknown }): Digest {
  const expected = isDigest(asked) ? asked : named
  if (expected === undefined) return digestOf(bytes)
  if (typeof expected !== 'string' || !isDigest(expected))
    throw new PullError('BAD_RESPONSE', `${doing}: Docker-Content-Digest is no digest`)
  const actual = digestLike(expected, bytes)
  if (actual === expected) return expected
  throw new PullError('DIGEST_MISMATCH', `${doing}: expected ${expected}, got ${actual}`)
}

function isSchema1(bytes: Buffer): boolean {
  try {
    return (JSON.parse(bytes.toString()) as { schemaVersion?: unknown } | null)?.schemaVersion === 1
  } catch {
    return false
  }
}
