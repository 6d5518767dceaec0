import { choosePlatform, parsePlatform } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { RequestedContainer } from './container-flag-table.ts'
import { interruptible } from './interrupt.ts'

export interface ImageFlags {
  readonly pull: 'always' | 'missing' | 'never'
  readonly platform?: string
  readonly insecure?: true
}

/** The image of a new container. Loads the puller only when something has to be pulled: most runs need no registry. */
export async function imageFor(name: string, store: Store, { pull: when, platform, insecure }: ImageFlags): Promise<StoredImage> {
  const here = when === 'always' ? undefined : await store.images.find(name)
  if (here !== undefined && isFor(here, platform)) return here
  if (when === 'never') return ofPlatform(await store.images.get(name), platform)
  const [{ pull }, { pullProgress }] = await Promise.all([import('@gocker/pull'), import('./terminal/pull-progress.ts')])
  process.stderr.write(`${name} is not here yet${platform === undefined ? '' : ` for ${platform}`}: pulling it\n`)
  const progress = await pullProgress({ quiet: false })
  const options = {
    store,
    ...(platform !== undefined && { platform }),
    ...(insecure !== undefined && { insecure }),
    onEvent: progress.onEvent,
  }
  return await interruptible((signal) => pull(name, { ...options, signal })).finally(() => progress.stop())
}

/** Images that are to be mounted: of whatever platform where they are here, since not all of them are to be run. */
export async function bringMountedImages(
  { mounts = [] }: Pick<RequestedContainer, 'mounts'>,
  store: Store,
  flags: ImageFlags,
): Promise<void> {
  const names = new Set(mounts.flatMap((mount) => (mount.type === 'image' ? [mount.source] : [])))
  for (const name of names) {
    const here = flags.pull === 'always' ? undefined : await store.images.find(name)
    if (here === undefined) await imageFor(name, store, flags)
  }
}

/** @throws {OciError} `NO_MATCHING_PLATFORM` */
function ofPlatform(image: StoredImage, platform: string | undefined): StoredImage {
  if (platform !== undefined) choosePlatform([{ platform: image.config }], parsePlatform(platform))
  return image
}

function isFor({ config }: StoredImage, text: string | undefined): boolean {
  if (text === undefined) return true
  const { os, architecture, variant } = parsePlatform(text)
  return os === config.os && architecture === config.architecture && (variant === undefined || variant === config.variant)
}
