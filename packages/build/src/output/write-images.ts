import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { formatPlatform } from '@gocker/oci'
import { exportRootfs, pushImage, pushIndex, saveImages, saveIndex, unpackLayer } from '@gocker/pull'
import { makeDirectories, type StoredImage } from '@gocker/store'
import type { Sink, WriteOutputOptions } from './write-output.ts'

/** Writes images where an output says that has been checked. @param options.names canonical */
export async function writeImages(options: WriteOutputOptions, sink: Sink): Promise<void> {
  const { store, images, names, output, signal } = options
  const [image] = images
  if (image === undefined) return
  if (output.type === 'local') return await writeDirectories(options, output.dest)
  if (output.type === 'registry') return await pushOutput(options)
  if (output.type === 'tar') return await exportFiles(image, options, sink)
  if (images.length > 1) return await saveIndex({ store, images, names, signal }, sink)
  await saveImages({ store, images: [{ image, names }], ociOnly: output.type === 'oci', signal }, sink)
}

async function pushOutput({ store, images, names, insecure, signal, onPushEvent }: WriteOutputOptions): Promise<void> {
  const [image, ...others] = images
  for (const reference of names) {
    const options = { store, reference, insecure, signal, onEvent: onPushEvent }
    await (others.length === 0 ? pushImage({ ...options, image }) : pushIndex({ ...options, images }))
  }
}

/** A directory for each platform where there are several. */
async function writeDirectories(options: WriteOutputOptions, dest: string): Promise<void> {
  for (const image of options.images) {
    const { platform } = image.descriptor
    const below = options.images.length > 1 && platform !== undefined ? formatPlatform(platform).replaceAll('/', '_') : ''
    const directory = resolve(join(dest, below))
    makeDirectories(directory)
    const tar = new PassThrough({ highWaterMark: 1 << 20 })
    const signal = options.signal
    const unpacked = unpackLayer({ source: tar, compression: 'none', directory, kind: 'plain', signal })
    // Who reads no more is who says why.
    unpacked.catch((error: Error) => tar.destroy(error))
    await Promise.all([
      exportFiles(image, options, (chunk) => written(tar, chunk)).then(
        () => tar.end(),
        (error: Error) => void tar.destroy(error),
      ),
      unpacked,
    ])
  }
}

function written(stream: PassThrough, chunk: Uint8Array): Promise<void> {
  return new Promise((settle, reject) => {
    stream.write(Buffer.from(chunk), (error) => (error ? reject(error) : settle()))
  })
}

async function exportFiles({ layers }: StoredImage, { store, signal }: WriteOutputOptions, sink: Sink): Promise<void> {
  await store.keeping(
    async () => {
      const nothing = await store.layers.draft()
      try {
        const lowers = store.layers.stack(layers)
        await exportRootfs({ lowers: lowers.length === 0 ? [nothing.dir] : lowers, images: store.layers.images(lowers), signal }, sink)
      } finally {
        await nothing.abort()
      }
    },
    { ...(signal !== undefined && { signal }) },
  )
}
