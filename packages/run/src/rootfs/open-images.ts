import { type ImageMount, type LaunchProgram, processStartTime } from '@gocker/kernel'
import { announceMounts, type LayerMount, mountLayer, type Store } from '@gocker/store'
import { imageDescriptors, numberOf } from '../program/layer-images.ts'

/** The trees of layers that are images, mounted nowhere yet. */
export interface OpenImages {
  /** By the names that a program has for them. */
  descriptors(program: LaunchProgram): Readonly<Record<string, number>>
  /** Lets others share them with the program, as long as its monitor lives. */
  announce(program: LaunchProgram, monitor: number): void
  close(): void
}

/** @throws {KernelError} where this process must not mount */
export function openImages({ paths }: Store, images: readonly ImageMount[]): OpenImages {
  const mounts: LayerMount[] = []
  const close = () => {
    for (const mount of mounts.splice(0)) mount.letGo()
  }
  try {
    for (const image of images) mounts.push(mountLayer(paths, image))
  } catch (error) {
    close()
    throw error
  }
  return {
    descriptors(program) {
      const named = mounts.flatMap(({ directory, fd }) => imageDescriptors(directory).map((name) => [name, fd] as const))
      return Object.fromEntries(named.filter(([name]) => program.descriptors.includes(name)))
    },
    announce(program, pid) {
      const startTime = mounts.length === 0 ? undefined : processStartTime(pid)
      // It may have ended already.
      if (startTime === undefined) return
      const numbered = mounts.map((mount) => [mount, numberOf(program, mount.directory)] as const)
      announceMounts(paths, { pid, startTime }, numbered)
    },
    close,
  }
}
