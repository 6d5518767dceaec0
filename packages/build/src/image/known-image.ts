import type { StoredImage } from '@gocker/store'
import type { BuildEvent } from '../events.ts'
import type { BuildOptions } from '../options.ts'
import { usesRemoteCaches } from '../remote-cache/with-remote-caches.ts'
import { type BuildPlan, runBuild } from '../stage/build-run.ts'
import { type ImageDocuments, imageDocuments } from './image-documents.ts'

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
    const image = await imageOf(imageDocuments(state), options)
    if (image !== undefined) for (const event of events) options.onEvent?.(event)
    return image
  } catch {
    return undefined
  }
}

/** The image of these documents that is in the store, if it has all the names. */
async function imageOf({ config, manifest }: ImageDocuments, { store, tags = [] }: BuildOptions): Promise<StoredImage | undefined> {
  const names = tags.length === 0 ? [config.descriptor.digest] : tags
  const [image, ...others] = await Promise.all(names.map((name) => store.images.find(name)))
  return [image, ...others].every((found) => found?.descriptor.digest === manifest.descriptor.digest) ? image : undefined
}
