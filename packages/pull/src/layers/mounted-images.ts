import { closeSync, openSync, readFileSync } from 'node:fs'
import { canShareImages, inUserNamespace, KernelError, mountsFileItself, openImage } from '@gocker/kernel'
import { type Store, writeFileAtomic } from '@gocker/store'
import { ImageWriter } from './erofs/image-writer.ts'

/** How the image of a layer is mounted here: of its file, of a loop device, or not at all. */
export type ImageMeans = (typeof MEANS)[number]

const MEANS = ['file', 'loop', 'none'] as const

/** Tried once, and remembered until the machine starts again. */
export async function imageMeans(store: Store): Promise<ImageMeans> {
  if (process.getuid?.() !== 0 || inUserNamespace()) return 'none'
  const { mountsImages: file } = store.paths
  const known = contentOf(file)
  if (known !== undefined) return known
  const means = await tryToMount(store)
  await writeFileAtomic(file, means, { sync: false })
  return means
}

/** Why layers are no images by themselves; undefined where they are. */
export function whyNoImages(means: ImageMeans): string | undefined {
  if (inUserNamespace() || process.getuid?.() !== 0) return 'only root mounts images'
  if (means === 'none') return 'images cannot be mounted here'
  if (means === 'loop') return 'the kernel mounts no files without loop devices'
  return canShareImages() ? undefined : 'containers would share no memory before Linux 6.15'
}

function contentOf(file: string): ImageMeans | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    return MEANS.find((means) => means === text)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

/** In the store's own file system: whether a kernel mounts a file depends on that, too. */
async function tryToMount(store: Store): Promise<ImageMeans> {
  const draft = await store.layers.draft()
  try {
    makeEmptyImage(draft.image)
    return mountsFileItself(draft.image) ? 'file' : byLoop(draft.image)
  } catch (error) {
    if (error instanceof KernelError) return 'none'
    throw error
  } finally {
    await draft.abort()
  }
}

function byLoop(image: string): ImageMeans {
  closeSync(openImage(image))
  return 'loop'
}

function makeEmptyImage(path: string): void {
  const fd = openSync(path, 'wx+', 0o600)
  try {
    new ImageWriter(fd).finish()
  } finally {
    closeSync(fd)
  }
}
