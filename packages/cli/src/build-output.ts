import { type BuildOptions, type BuildOutput, build, buildPlatforms, checkOutput, writeOutput } from '@gocker/build'
import type { StoredImage } from '@gocker/store'

/**
 * Builds, for as many platforms as are asked for, and writes what `--output` says.
 * @returns the images, one for each platform
 */
export async function builtAndWritten(
  { platform, ...options }: BuildOptions,
  output: BuildOutput | undefined,
): Promise<readonly [StoredImage, ...StoredImage[]]> {
  const platforms = typeof platform === 'string' ? platform.split(',') : []
  checkOutput(output, platforms.length)
  const images = await imagesOf({ ...options, ...(platform !== undefined && { platform }) }, platforms)
  if (output === undefined) return images
  const { store, tags: names = [], signal } = options
  const write = (sink: (chunk: Uint8Array) => Promise<void>) => writeOutput({ store, images, names, output, signal }, sink)
  if (output.type === 'local') await write(async () => {})
  else {
    const { writeTar } = await import('./tar-output.ts')
    await writeTar(output.dest, write)
  }
  return images
}

async function imagesOf(options: BuildOptions, platforms: readonly string[]): Promise<[StoredImage, ...StoredImage[]]> {
  if (platforms.length <= 1) return [await build(options)]
  return (await buildPlatforms(options, platforms)) as [StoredImage, ...StoredImage[]]
}
