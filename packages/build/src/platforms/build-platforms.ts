import { formatPlatform, type Platform, parsePlatform } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'
import { buildSources, checkTags } from '../build.ts'
import type { StepCache } from '../cache/step-cache.ts'
import { BuildError } from '../error.ts'
import type { BuildOptions } from '../options.ts'
import { withRemoteCaches } from '../remote-cache/with-remote-caches.ts'
import { type Sources, withSources } from '../sources/with-sources.ts'

/**
 * Builds the same Gockerfile for several platforms, one after the other; what is built for this machine (`--platform=$BUILDPLATFORM`) is
 * built once. The images get no names: in the store a name is one platform's.
 * @returns an image for each platform, in their order
 * @throws {BuildError}, {PullError}, {OciError} as {@link build}
 */
export async function buildPlatforms(options: BuildOptions, platforms: readonly string[]): Promise<StoredImage[]> {
  checkTags(options)
  const wanted = distinct(platforms.map(parsePlatform))
  const work = async (sources: Sources, cache: StepCache) => {
    const images: StoredImage[] = []
    for (const platform of wanted) {
      const started = Date.now()
      const image = await buildSources(sources, { ...options, platform, tags: [], ...(images.length > 0 && listening(options)) }, cache)
      options.onEvent?.({ type: 'done', image, milliseconds: Date.now() - started })
      images.push(image)
    }
    return images
  }
  return await withSources(options, (sources) => withRemoteCaches(options, (cache) => work(sources, cache)))
}

/** What the first platform's build has warned of, the others do not. */
function listening({ onEvent }: BuildOptions): Pick<BuildOptions, 'onEvent'> {
  return onEvent === undefined ? {} : { onEvent: (event) => event.type !== 'warning' && onEvent(event) }
}

function distinct(platforms: readonly Platform[]): readonly Platform[] {
  const twice = platforms.find(
    (platform, index) => platforms.findIndex((other) => formatPlatform(other) === formatPlatform(platform)) < index,
  )
  if (twice === undefined) return platforms
  throw new BuildError('INVALID_OPTION', `building for several platforms: ${formatPlatform(twice)} is given twice`)
}
