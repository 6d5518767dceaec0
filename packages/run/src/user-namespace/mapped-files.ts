import { closeSync } from 'node:fs'
import { dirname } from 'node:path'
import { KernelError, type LaunchProgram, mapMounted, openFileSystem, openImage, openMappedMount, readMountInfo } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { RunError } from '../error.ts'
import type { ContainerParts } from '../life/container.ts'
import { PAST_THE_TIE, ROOT_GIVEN } from '../program/given.ts'
import { IdMappings } from '../runtime/id-mapping.ts'
import { MountsGiven } from '../runtime/mounts-given.ts'

/** A container's root and mounts, on which files belong to its own ids; on the disk they belong to those that the image says. */
export interface MappedFiles {
  /** Of the binds, by destination. */
  readonly mounts: MountsGiven
  /** By the names that a program has for them. */
  descriptors(program: LaunchProgram): Readonly<Record<string, number>>
  close(): void
}

/**
 * Overlayfs makes its own files in the name of who mounts it, the host's root, who has to have a number on the disk for that. They become the files
 * of others before they are seen.
 */
const STACKER = { containerID: 4_000_000_000, hostID: 0, size: 1 }

/**
 * @param spec with the ids that the container has now
 * @throws {RunError} `UNSUPPORTED` for a file system whose owners cannot be mapped
 * @see mount_setattr(2), MOUNT_ATTR_IDMAP; Linux 6.15
 */
export async function openMappedFiles(parts: ContainerParts, spec: RuntimeSpec): Promise<MappedFiles> {
  const { uidMappings = [], gidMappings = [] } = spec.linux
  const mappings = new IdMappings()
  try {
    const root = openRoot(parts, await mappings.get([...uidMappings, STACKER], [...gidMappings, STACKER]))
    try {
      const mounts = await MountsGiven.make(spec)
      return filesOf(root, mounts)
    } catch (error) {
      closeSync(root)
      throw error
    }
  } catch (error) {
    throw explained(error)
  } finally {
    mappings.close()
  }
}

function filesOf(root: number, mounts: MountsGiven): MappedFiles {
  return {
    mounts,
    descriptors(program) {
      const all = { ...mounts.descriptors, [ROOT_GIVEN]: root, [PAST_THE_TIE]: root }
      return Object.fromEntries(Object.entries(all).filter(([name]) => program.descriptors.includes(name)))
    },
    close() {
      closeSync(root)
      mounts.close()
    },
  }
}

/** Each layer, and the container's own directory, as a mount with other owners; and an overlay of these, which is nowhere yet. */
function openRoot({ store, stack, record }: ContainerParts, userNamespace: number): number {
  const open: number[] = []
  const opened = (descriptor: number) => {
    open.push(descriptor)
    return `/proc/self/fd/${descriptor}`
  }
  const images = new Map(store.layers.images(stack.lowers).map(({ image, directory }) => [directory, image]))
  const mapped = (source: string) => openMappedMount({ source, userNamespace, recursive: false, mapsBelow: false })
  const layer = (directory: string) => {
    const image = images.get(directory)
    if (image === undefined) return opened(mapped(directory))
    const mounted = openImage(image)
    const path = opened(mounted)
    mapMounted(mounted, userNamespace, image)
    return path
  }
  const lowers = stack.lowers.length === 0 ? [store.paths.bundle(record.id).rootfs] : stack.lowers
  try {
    const below = lowers.map((directory) => ({ key: 'lowerdir+', value: layer(directory) }))
    // One mount for both: overlayfs moves files from one to the other.
    const own = opened(mapped(dirname(stack.upper)))
    const above = [
      { key: 'upperdir', value: `${own}${stack.upper.slice(dirname(stack.upper).length)}` },
      { key: 'workdir', value: `${own}${stack.work.slice(dirname(stack.upper).length)}` },
    ]
    const plain = [
      { key: 'redirect_dir', value: 'off' },
      { key: 'metacopy', value: 'off' },
    ]
    return openFileSystem({ type: 'overlay', parameters: [{ key: 'source', value: 'overlay' }, ...below, ...above, ...plain] })
  } finally {
    for (const descriptor of open) closeSync(descriptor)
  }
}

const OWNERS_OF = 'the owners of '

function explained(error: unknown): unknown {
  if (!(error instanceof KernelError)) return error
  const source = error.message.includes(OWNERS_OF) ? /the owners of (.*?): E[A-Z]+/.exec(error.message)?.[1] : undefined
  if (source !== undefined && error.code === 'EINVAL')
    return new RunError('UNSUPPORTED', `mapping the owners of ${source}: its file system, ${typeOf(source)}, has no id-mapped mounts`, {
      cause: error,
      hint: 'use --userns host, or a directory of ext4, xfs, btrfs or tmpfs',
    })
  const hint = error.message.includes('overlay') ? '--userns auto needs Linux 6.15' : undefined
  return new RunError('UNSUPPORTED', `making a root file system of the container's own ids: ${error.message}`, {
    cause: error,
    ...(hint !== undefined && { hint }),
  })
}

function typeOf(path: string): string {
  const around = readMountInfo().filter(({ mountPoint }) => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`))
  return around.sort((a, b) => b.mountPoint.length - a.mountPoint.length)[0]?.type ?? 'unknown'
}
