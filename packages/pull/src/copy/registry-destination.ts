import { type Digest, MEDIA_TYPES, type Reference } from '@gocker/oci'
import { retriesTo } from '../push/events.ts'
import { withPushConnection } from '../push/push-connection.ts'
import { documentOf, type ManifestDocument, sendManifest } from '../push/push-manifest.ts'
import { hasBlob, mountBlob, uploadBlob } from '../push/upload.ts'
import type { Connection } from '../registry/connection.ts'
import type { FetchedManifest } from '../registry/manifest.ts'
import { fetchTagged, referrersTag, withReferrer } from '../registry/referrers.ts'
import { PATIENT, type RetryOptions, retrying } from '../transfer/retries.ts'
import { descriptorOf } from './collect.ts'
import type { CopyDestination } from './places.ts'
import type { DestinationOptions } from './with-destination.ts'

/** Opens a repository to copy to, for `use`. */
export async function withRegistryDestination<T>(
  reference: Reference,
  options: DestinationOptions,
  use: (destination: CopyDestination) => Promise<T>,
): Promise<T> {
  const neighbour = neighbourOf(reference, options)
  const scopes = neighbour === undefined ? [] : [`repository:${neighbour}:pull`]
  const retries: RetryOptions = { policy: options.retry ?? PATIENT, signal: options.signal, onEvent: retriesTo(options.onEvent) }
  return await withPushConnection(reference, { ...options, scopes }, (connection) =>
    use(registryDestination(connection, { retries, neighbour, tag: reference.tag ?? 'latest' })),
  )
}

/** The repository that is copied from, where it is beside the one that is copied to. */
function neighbourOf({ registry, repository }: Reference, { from }: DestinationOptions): string | undefined {
  if (from.kind !== 'registry' || from.reference.registry !== registry || from.reference.repository === repository) return undefined
  return from.reference.repository
}

interface RegistryPlace {
  readonly retries: RetryOptions
  readonly neighbour: string | undefined
  readonly tag: string
}

function registryDestination(connection: Connection, { retries, neighbour, tag }: RegistryPlace): CopyDestination {
  const keep = (document: FetchedManifest, name: string) => sendManifest(connection, sent(document), { ...retries, tag: name })
  return {
    keepsReferrers: true,
    has: (blob, signal) => retrying(() => hasBlob(connection, blob, signal), { ...retries, signal }),
    async mount(blob, signal) {
      if (neighbour === undefined) return undefined
      const isMounted = await retrying(() => mountBlob(connection, blob, { from: neighbour, signal }), { ...retries, signal })
      return isMounted ? neighbour : undefined
    },
    async receive({ digest, size }, open, signal) {
      await uploadBlob(connection, { name: digest, facts: () => ({ digest, size }), open }, { ...retries, signal })
    },
    async keep(document, as) {
      const name = as.role === 'root' ? tag : as.role === 'tagged' ? as.tag : document.digest
      const isNoted = await keep(document, name)
      if (as.role === 'referrer' && !isNoted) await noteReferrer(connection, { document, subject: as.subject, retries })
    },
    finish: async () => {},
  }
}

function sent({ bytes, digest, content }: FetchedManifest): ManifestDocument {
  return { bytes, digest, mediaType: content.mediaType }
}

/**
 * Keeps the list of what refers to `subject` under a tag, for a registry that keeps none itself.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
 */
async function noteReferrer(
  connection: Connection,
  { document, subject, retries }: { document: FetchedManifest; subject: Digest; retries: RetryOptions },
): Promise<void> {
  const tag = referrersTag(subject)
  const before = await retrying(() => fetchTagged(connection, tag, retries.signal), retries)
  const known = before?.content.kind === 'index' ? before.content.index.manifests : []
  if (known.some(({ digest }) => digest === document.digest)) return
  const { content } = document
  const { annotations } = content.kind === 'index' ? content.index : content.manifest
  const referrer = { ...descriptorOf(document), ...(annotations !== undefined && { annotations }) }
  await sendManifest(connection, documentOf(MEDIA_TYPES.ociIndex, withReferrer(known, referrer)), { ...retries, tag })
}
