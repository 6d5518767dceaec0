import type { Digest } from '@gocker/oci'
import type { Blobs } from './blobs.ts'
import { contentInUse, without } from './content.ts'
import { takeContentAway } from './content-removal.ts'
import { tryLock } from './lock.ts'
import type { StorePaths } from './paths.ts'

/** Store.discard. */
export async function discard({ paths, blobs }: { paths: StorePaths; blobs: Blobs }, digests: readonly Digest[]): Promise<void> {
  if (digests.length === 0) return
  await tryLock(paths.lock('garbage'), 0, async () => {
    const garbage = without({ blobs: new Set(digests), layers: new Set() }, await contentInUse(paths, blobs))
    await takeContentAway(paths, garbage)
  })
}
