import {
  type BuildOptions,
  type BuildOutput,
  build,
  buildPlatforms,
  checkOutput,
  type WriteOutputOptions,
  writeOutput,
} from '@gocker/build'
import type { StoredImage } from '@gocker/store'

/**
 * Builds, for as many platforms as are asked for, and writes what `--output` says.
 * @returns the images, one for each platform
 */
export async function builtAndWritten(
  { platform, ...options }: BuildOptions,
  output: BuildOutput | undefined,
  { quiet }: { readonly quiet: boolean },
): Promise<readonly [StoredImage, ...StoredImage[]]> {
  const platforms = typeof platform === 'string' ? platform.split(',') : []
  checkOutput(output, platforms.length, options.tags ?? [])
  const images = await imagesOf({ ...options, ...(platform !== undefined && { platform }) }, platforms)
  if (output === undefined) return images
  const { store, tags: names = [], insecure, signal } = options
  const written = { store, images, names, output, insecure, signal }
  const write = (sink: (chunk: Uint8Array) => Promise<void>) => writeOutput(written, sink)
  if (output.type === 'local') await write(async () => {})
  else if (output.type === 'registry') await pushed(written, quiet)
  else {
    const { writeTar } = await import('./tar-output.ts')
    await writeTar(output.dest, write)
  }
  return images
}

async function pushed(options: WriteOutputOptions, quiet: boolean): Promise<void> {
  const { pushProgress } = await import('./terminal/push-progress.ts')
  const progress = await pushProgress({ quiet })
  try {
    await writeOutput({ ...options, onPushEvent: progress.onEvent }, async () => {})
  } finally {
    progress.stop()
  }
}

async function imagesOf(options: BuildOptions, platforms: readonly string[]): Promise<[StoredImage, ...StoredImage[]]> {
  if (platforms.length <= 1) return [await build(options)]
  return (await buildPlatforms(options, platforms)) as [StoredImage, ...StoredImage[]]
}
