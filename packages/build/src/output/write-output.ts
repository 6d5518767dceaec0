import { formatReference, parseReference } from '@gocker/oci'
import type { PushListener } from '@gocker/pull'
import type { Store, StoredImage } from '@gocker/store'
import { BuildError } from '../error.ts'
import type { BuildOutput } from './build-output.ts'

export type Sink = (chunk: Uint8Array) => Promise<void>

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
  checkOutput(options.output, options.images.length, options.names)
  // Loaded here: most builds write none.
  const { writeImages } = await import('./write-images.ts')
  await writeImages({ ...options, names: options.names.map((name) => formatReference(parseReference(name))) }, sink)
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
