import { createReadStream } from 'node:fs'
import type { Digest } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { PullError } from '../error.ts'

/**
 * A layer's blob as it is in the store, from `offset` on. A pull may have discarded it: nothing but the registry can give the same bytes again,
 * since they depend on who packed and who compressed them.
 * @throws {PullError} `NOT_FOUND`, with the image that brings it again
 */
export async function* keptBlob(store: Store, digest: Digest, { offset = 0 }: { readonly offset?: number } = {}): AsyncGenerator<Buffer> {
  if (!(await store.blobs.has(digest))) throw await missing(store, digest)
  yield* createReadStream(store.blobs.path(digest), { start: offset, highWaterMark: 1 << 20 })
}

async function missing(store: Store, digest: Digest): Promise<PullError> {
  const images = await store.images.list()
  const owner = images.find(({ manifest }) => manifest.layers.some((layer) => layer.digest === digest))
  const name = owner?.repoDigests[0] ?? owner?.references[0]
  const hint = name === undefined ? 'pull its image again' : `gocker pull --keep-blobs ${name} fetches it again`
  return new PullError('NOT_FOUND', `reading blob ${digest}: the layer is here unpacked, its blob was not kept when it was pulled`, {
    hint,
  })
}
