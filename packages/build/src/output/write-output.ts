import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { formatPlatform, formatReference, parseReference } from '@gocker/oci'
import type { PushListener } from '@gocker/pull'
import type { Store, StoredImage } from '@gocker/store'
import { BuildError } from '../error.ts'
import type { BuildOutput } from './build-output.ts'

type Sink = (chunk: Uint8Array) => Promise<void>

export interface WriteOutputOptions {
  readonly store: Store
  /** One, or one for each platform. */
  readonly images: readonly StoredImage[]
  /** What the image is called in an archive. */
  readonly names: readonly string[]
  readonly output: BuildOutput
  /** Plain http and unverified certificates for registries. */
  readonly insecure?: boolean | undefined
  readonly onPushEvent?: PushListener | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes what a build has come to.
 * @param sink takes the tar, where the output is one
 * @throws {BuildError} `INVALID_OPTION`; {PullError}; what the sink throws
 */
export async function writeOutput(options: WriteOutputOptions, sink: Sink): Promise<void> {
  const { store, images, output, signal } = options
  checkOutput(output, images.length, options.names)
  const names = options.names.map((name) => formatReference(parseReference(name)))
  const [image] = images
  if (image === undefined) return
  if (output.type === 'local') return await writeDirectories(options, output.dest)
  if (output.type === 'registry') return await pushOutput(options, names)
  if (output.type === 'tar') return await exportFiles(image, options, sink)
  const { saveImages, saveIndex } = await import('@gocker/pull')
  if (images.length > 1) return await saveIndex({ store, images, names, signal }, sink)
  await saveImages({ store, images: [{ image, names }], ociOnly: output.type === 'oci', signal }, sink)
}

/**
 * The store has one image for a name; several platforms are one in an OCI archive and in a registry.
 * @throws {BuildError} `INVALID_OPTION`
 */
export function checkOutput(output: BuildOutput | undefined, platforms: number, names: readonly string[]): void {
  if (output?.type === 'registry' && names.length === 0)
    throw new BuildError('INVALID_OPTION', 'pushing what is built: it has no name', { hint: 'add -t REGISTRY/NAME' })
  if (platforms <= 1 || output?.type === 'oci' || output?.type === 'local' || output?.type === 'registry') return
  const why = output === undefined ? 'the store keeps one platform under a name' : `an output of type ${output.type} holds one`
  throw new BuildError('INVALID_OPTION', `building for ${platforms} platforms: ${why}`, {
    hint: 'add --output type=oci,dest=FILE, or --push',
  })
}

async function pushOutput({ store, images, insecure, signal, onPushEvent }: WriteOutputOptions, names: readonly string[]): Promise<void> {
  const { pushImage, pushIndex } = await import('@gocker/pull')
  const [image, ...others] = images
  for (const reference of names) {
    const options = { store, reference, insecure, signal, onEvent: onPushEvent }
    await (others.length === 0 ? pushImage({ ...options, image }) : pushIndex({ ...options, images }))
  }
}

/** A directory for each platform where there are several. */
async function writeDirectories(options: WriteOutputOptions, dest: string): Promise<void> {
  const { unpackLayer } = await import('@gocker/pull')
  for (const image of options.images) {
    const { platform } = image.descriptor
    const below = options.images.length > 1 && platform !== undefined ? formatPlatform(platform).replaceAll('/', '_') : ''
    const directory = resolve(join(dest, below))
    mkdirSync(directory, { recursive: true })
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
  const { exportRootfs } = await import('@gocker/pull')
  await store.keeping(
    async () => {
      const nothing = await store.layers.draft()
      try {
        const lowers = store.layers.stack(layers)
        await exportRootfs({ lowers: lowers.length === 0 ? [nothing.dir] : lowers, signal }, sink)
      } finally {
        await nothing.abort()
      }
    },
    { ...(signal !== undefined && { signal }) },
  )
}
