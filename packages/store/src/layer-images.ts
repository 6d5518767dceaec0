import { existsSync } from 'node:fs'
import type { ImageMount } from '@gocker/kernel'
import { type LayerMount, mountLayer } from './layer-mounts.ts'
import type { StorePaths } from './paths.ts'

/** Behind the name of a layer's directory: the file that holds its tree, and is to be mounted there. */
export const IMAGE_SUFFIX = '.erofs'

/** Of directories that are layers, or are in layers: those layers that are images. */
export function imagesOf(paths: StorePaths, directories: readonly string[]): ImageMount[] {
  const roots = new Set(directories.flatMap((directory) => layerOf(paths, directory) ?? []))
  return [...roots].map((directory) => ({ image: `${directory}${IMAGE_SUFFIX}`, directory })).filter(({ image }) => existsSync(image))
}

/** The layer's own directory, of one in it. */
function layerOf({ layers }: StorePaths, directory: string): string | undefined {
  if (!directory.startsWith(`${layers}/`)) return undefined
  const [algorithm, hex] = directory.slice(layers.length + 1).split('/')
  return `${layers}/${algorithm}/${hex}`
}

/**
 * Layers' files, to be read by paths, without a mount that anybody else could see: images are mounted nowhere, and reached by their descriptors.
 * To be closed.
 */
export class LayerFiles {
  readonly #paths: StorePaths
  readonly #opened = new Map<string, LayerMount>()

  constructor(paths: StorePaths) {
    this.#paths = paths
  }

  /**
   * Where the files of these directories are, each as it was given or below `/proc/self/fd`, until this is closed.
   * @throws {KernelError} where this process must not mount
   */
  of(directories: readonly string[]): string[] {
    const images = imagesOf(this.#paths, directories)
    if (images.length === 0) return [...directories]
    for (const image of images) if (!this.#opened.has(image.directory)) this.#opened.set(image.directory, mountLayer(this.#paths, image))
    // With a dot behind it: the name alone is a symlink.
    return directories.map((directory) => {
      const layer = layerOf(this.#paths, directory)
      const mount = layer === undefined ? undefined : this.#opened.get(layer)
      return layer === undefined || mount === undefined ? directory : `/proc/self/fd/${mount.fd}/.${directory.slice(layer.length)}`
    })
  }

  close(): void {
    for (const mount of this.#opened.values()) mount.letGo()
    this.#opened.clear()
  }
}
