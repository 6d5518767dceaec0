import { parseReference } from '@gocker/oci'
import { downloadBlob, pushArtifact, registryFor } from '@gocker/pull'
import { BuildError } from '../error.ts'
import type { BuildOptions } from '../options.ts'
import { CACHE_TYPE, cacheDocument, parseCacheDocument, type RemoteStep, type RemoteSteps } from './cache-document.ts'
import type { OpenCache } from './open-cache.ts'

/** A list of steps: no build has so many. */
const LARGEST_DOCUMENT = 16 * 1024 * 1024

/** A cache in a registry. @throws {BuildError} `INVALID_OPTION`; {PullError} */
export async function openRegistryCache(text: string, { insecure, signal }: BuildOptions): Promise<OpenCache> {
  const reference = parseReference(text)
  const registry = registryFor(reference, { insecure, signal })
  try {
    const { content } = await registry.manifest(reference.digest ?? reference.tag ?? 'latest')
    if (content.kind !== 'manifest' || content.manifest.config.mediaType !== CACHE_TYPE)
      throw new BuildError('INVALID_OPTION', 'it is an image, and no build cache')
    const { config, layers } = content.manifest
    if (config.size > LARGEST_DOCUMENT) throw new BuildError('INVALID_OPTION', `its list of steps has ${config.size} bytes`)
    const chunks = await Array.fromAsync(downloadBlob(registry, config, { signal }))
    const steps = parseCacheDocument(Buffer.concat(chunks), layers)
    return { steps, open: (descriptor, offset) => downloadBlob(registry, descriptor, { offset, signal }), close: () => registry.close() }
  } catch (error) {
    await registry.close()
    throw error
  }
}

/** Puts steps in the place of what a name has. @throws {PullError} */
export async function writeRegistryCache(reference: string, steps: RemoteSteps, { store, insecure, signal }: BuildOptions): Promise<void> {
  const layers = [...steps.values()].flatMap(({ layer }) => (layer === undefined ? [] : [layer.descriptor]))
  const distinct = [...new Map(layers.map((layer) => [layer.digest, layer])).values()]
  await pushArtifact({
    store,
    reference,
    insecure,
    signal,
    layers: distinct,
    config: (sent) => {
      const there = new Map(distinct.map(({ digest }, index) => [digest, sent[index]]))
      const moved = ({ layer, ...step }: RemoteStep): RemoteStep => {
        const descriptor = layer && there.get(layer.descriptor.digest)
        return descriptor === undefined ? step : { ...step, layer: { diffID: layer?.diffID ?? descriptor.digest, descriptor } }
      }
      return { mediaType: CACHE_TYPE, document: cacheDocument(new Map(Array.from(steps, ([key, step]) => [key, moved(step)]))) }
    },
  })
}
