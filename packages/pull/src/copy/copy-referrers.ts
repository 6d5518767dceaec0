import type { Digest } from '@gocker/oci'
import { referrersTag } from '../registry/referrers.ts'
import { collect } from './collect.ts'
import { type CopyContext, copyCollected } from './copy-image.ts'

/** What cosign hangs on an image by a tag of its digest. @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
const SUFFIXES = ['sig', 'att', 'sbom']
/** A signature of a signature of an attestation. */
const DEEPEST = 4

/** Copies what refers to a manifest: OCI's referrers, and what cosign names by the digest. */
export async function copyReferrers(digest: Digest, context: CopyContext, depth = 1): Promise<void> {
  if (depth > DEEPEST) return
  const { source } = context
  for (const descriptor of await source.referrers(digest)) {
    const collected = await collect(source, await source.document(descriptor))
    await copyCollected(collected, { role: 'referrer', subject: digest }, context)
    await copyReferrers(descriptor.digest, context, depth + 1)
  }
  for (const suffix of SUFFIXES) {
    const tag = `${referrersTag(digest)}.${suffix}`
    const document = await source.tagged(tag)
    if (document !== undefined) await copyCollected(await collect(source, document), { role: 'tagged', tag }, context)
  }
}
