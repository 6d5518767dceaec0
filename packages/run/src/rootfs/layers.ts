import type { ContainerConfig } from '@gocker/oci'
import type { BundlePaths } from '@gocker/store'
import { RunError } from '../error.ts'
import type { ContainerOptions } from '../options/container-options.ts'

/** What a container's root file system is stacked of. */
export interface Stack {
  /** Directories, top first. */
  readonly lowers: readonly string[]
  readonly upper: string
  readonly work: string
  readonly config: ContainerConfig
}

/**
 * The image's layers, or the directories that were given.
 * @throws {RunError} `INVALID_OPTION` where neither is
 */
export function stackOf({ store, image, rootfs }: ContainerOptions, bundle: BundlePaths): Stack {
  const { upper, work } = bundle
  if (rootfs !== undefined) return { upper, work, ...rootfs }
  if (image === undefined) throw new RunError('INVALID_OPTION', 'creating a container: neither an image nor a root file system is given')
  // From below in the image's config, from above in an overlay.
  const lowers = store.layers.stack(image.layers)
  return { lowers, upper, work, config: image.config.config ?? {} }
}
