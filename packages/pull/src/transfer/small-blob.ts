import type { Descriptor } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { digestLike } from '../digest.ts'
import { PullError } from '../error.ts'
import type { Registry } from '../registry/registry.ts'
import { downloadBlob } from './download.ts'
import type { RetryOptions } from './retries.ts'

/** No config comes near it; a registry that says more is not believed. */
const LARGEST = 16 * 1024 * 1024

/**
 * The bytes of a config: from the store when it is there, else from the registry, and verified.
 * @throws {PullError} `DIGEST_MISMATCH`, `SIZE_MISMATCH`, `BAD_RESPONSE`
 */
export async function fetchSmallBlob(
  registry: Registry,
  { digest, size }: Descriptor,
  { store, ...options }: { store: Store } & Omit<RetryOptions, 'digest'>,
): Promise<Buffer> {
  if (await store.blobs.has(digest)) return store.blobs.read(digest)
  if (size > LARGEST) throw new PullError('BAD_RESPONSE', `fetching blob ${digest}: ${size} bytes are too many for a config`)
  const chunks: Buffer[] = []
  for await (const chunk of downloadBlob(registry, { digest, size }, options)) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const actual = digestLike(digest, bytes)
  if (actual !== digest) throw new PullError('DIGEST_MISMATCH', `fetching blob ${digest}: expected ${digest}, got ${actual}`)
  return bytes
}
