import { availableParallelism } from 'node:os'
import { choosePlatform, type Descriptor, hostPlatform, type Platform, parsePlatform } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { takingIn } from '../archive/taking-in.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
import type { PushListener } from '../push/events.ts'
import type { FetchedManifest } from '../registry/manifest.ts'
import { eachBounded } from '../transfer/bounded.ts'
import type { RetryPolicy } from '../transfer/retries.ts'
import { type Collected, collect, descriptorOf } from './collect.ts'
import { copyBlob } from './copy-blob.ts'
import { copyReferrers } from './copy-referrers.ts'
import { type Place, parsePlace } from './place.ts'
import type { CopyDestination, CopySource, KeptAs } from './places.ts'
import { withDestination } from './with-destination.ts'
import { withSource } from './with-source.ts'

export interface CopyImageOptions {
  /** Where names that are no transport are, and what is not whole yet. */
  readonly store: Store
  /** See {@link parsePlace}. */
  readonly from: string
  readonly to: string
  /** Every platform of an index, and the index itself. */
  readonly all?: boolean | undefined
  /** Of an index, unless all of it is copied; this machine's unless given. */
  readonly platform?: Platform | string | undefined
  /** Leaves signatures and whatever else refers to the image behind. */
  readonly withoutReferrers?: boolean | undefined
  readonly insecure?: boolean | undefined
  /** For all registries; by default what docker's and containers' files keep. */
  readonly credentials?: Credentials | undefined
  readonly environment?: NodeJS.ProcessEnv | undefined
  readonly retry?: RetryPolicy | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: PushListener | undefined
}

/** What a part of a copy needs. */
export interface CopyContext extends CopyImageOptions {
  readonly source: CopySource
  readonly destination: CopyDestination
}

/**
 * Copies an image from place to place without unpacking it: every digest stays. What is there already is not sent again, and between two
 * repositories of one registry blobs are mounted. Manifests follow their blobs, and the name comes last.
 * @returns what is there now under the name
 * @throws {PullError} `INVALID_OPTION`, `NOT_FOUND`, `DIGEST_MISMATCH`, ...; {OciError} `NO_MATCHING_PLATFORM`; {StoreError}
 */
export async function copyImage(options: CopyImageOptions): Promise<Descriptor> {
  const { store, signal } = options
  const [from, to] = [parsePlace(options.from), parsePlace(options.to)]
  checkDestination(to, options)
  return await takingIn({ store, signal }, (brought) =>
    withSource(from, { ...options, brought }, (source) =>
      withDestination(to, { ...options, from }, (destination) => copyFrom({ ...options, source, destination })),
    ),
  )
}

function checkDestination(to: Place, { all }: CopyImageOptions): void {
  if (to.kind === 'store' && all === true)
    throw new PullError('INVALID_OPTION', `copying to ${to.name}: the store keeps one platform under a name`, {
      hint: 'leave --all out, or copy to oci:DIRECTORY',
    })
  if (to.kind === 'registry' && to.reference.digest !== undefined)
    throw new PullError('INVALID_OPTION', `copying to ${to.name}: a digest is what comes out, and cannot be given`)
}

async function copyFrom(context: CopyContext): Promise<Descriptor> {
  const { source, destination, onEvent } = context
  const root = await chosenRoot(context)
  const collected = await collect(source, root)
  tellResolved(collected, context)
  await copyCollected(collected, { role: 'root' }, context)
  if (context.withoutReferrers !== true && destination.keepsReferrers)
    for (const { digest } of collected.documents) await copyReferrers(digest, context)
  await destination.finish()
  onEvent?.({ type: 'done', reference: context.to, digest: root.digest })
  return descriptorOf(root)
}

/** The whole of what the source names, or the one image of it that is for the platform. */
async function chosenRoot({ source, all, platform }: CopyContext): Promise<FetchedManifest> {
  let document = await source.root()
  while (all !== true && document.content.kind === 'index') {
    const wanted = typeof platform === 'string' ? parsePlatform(platform) : (platform ?? hostPlatform())
    document = await source.document(choosePlatform(document.content.index.manifests.filter(isImage), wanted))
  }
  return document
}

/** An attestation says of itself that it is for no platform. */
function isImage({ platform, artifactType }: Descriptor): boolean {
  return artifactType === undefined && platform?.os !== 'unknown'
}

function tellResolved({ blobs }: Collected, { to, onEvent }: CopyContext): void {
  onEvent?.({ type: 'resolved', reference: to, layers: blobs.map(({ digest, size }) => ({ digest, size })) })
}

const FEWEST_AT_ONCE = 3

/** Copies blobs, then what names them. */
export async function copyCollected({ documents, blobs }: Collected, as: KeptAs, context: CopyContext): Promise<void> {
  const limit = Math.max(FEWEST_AT_ONCE, availableParallelism())
  await eachBounded(blobs, (blob, signal) => copyBlob(blob, { ...context, signal }), { limit, signal: context.signal })
  for (const [at, document] of documents.entries())
    await context.destination.keep(document, at === documents.length - 1 ? as : { role: 'part' })
}
