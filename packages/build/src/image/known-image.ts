import type { Digest } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'
import type { BuildEvent } from '../events.ts'
import { usesRemoteCaches } from '../remote-cache/with-remote-caches.ts'
import { type BuildPlan, runBuild } from '../stage/build-run.ts'
import { imageDocuments } from './image-documents.ts'

/**
 * The image, where all of its steps are known and it has its names already: then nothing is made, nothing is written, and no lock is taken, since
 * what an image has nobody takes away. What there is to tell of the steps is told only then.
 * @returns `undefined` where anything at all is in the way of that: the build itself does it, or says what is wrong
 */
export async function knownImage(plan: BuildPlan): Promise<StoredImage | undefined> {
  const { options } = plan
  if (options.noCache === true || options.pull === true || usesRemoteCaches(options)) return undefined
  const events: BuildEvent[] = []
  const quiet = { ...options, onEvent: (event: BuildEvent) => void events.push(event) }
  try {
    const state = await runBuild({ ...plan, options: quiet }, { onlyKnown: true })
    const image = await imageWith(imageDocuments(state).manifest.descriptor.digest, options)
    if (image !== undefined) for (const event of events) options.onEvent?.(event)
    return image
  } catch {
    return undefined
  }
}

/** The image that all the names stand for, if it is that of the manifest. */
async function imageWith(manifest: Digest, { store, tags = [] }: BuildPlan['options']): Promise<StoredImage | undefined> {
  const [image, ...others] = await Promise.all(tags.map((tag) => store.images.find(tag)))
  return [image, ...others].every((found) => found?.descriptor.digest === manifest) ? image : undefined
}
