import { closeSync } from 'node:fs'
import { type ImageMount, type LaunchProgram, openImage } from '@gocker/kernel'
import { imageDescriptors } from '../program/layer-images.ts'

/** The trees of layers that are images, mounted nowhere yet. */
export interface OpenImages {
  /** By the names that a program has for them. */
  descriptors(program: LaunchProgram): Readonly<Record<string, number>>
  close(): void
}

/** @throws {KernelError} where this process must not mount */
export function openImages(images: readonly ImageMount[]): OpenImages {
  const opened = new Map<string, number>()
  const close = () => {
    for (const fd of opened.values()) closeSync(fd)
    opened.clear()
  }
  try {
    for (const { image, directory } of images) opened.set(directory, openImage(image))
  } catch (error) {
    close()
    throw error
  }
  return {
    descriptors(program) {
      const named = [...opened].flatMap(([directory, fd]) => imageDescriptors(directory).map((name) => [name, fd] as const))
      return Object.fromEntries(named.filter(([name]) => program.descriptors.includes(name)))
    },
    close,
  }
}
