import { availableParallelism } from 'node:os'
import { type Descriptor, formatReference, type Reference } from '@gocker/oci'
import { eachBounded } from '../transfer/bounded.ts'
import { type PushContext, pushLayer } from './push-layer.ts'

const FEWEST_AT_ONCE = 3

/** Pushes layers side by side, each of them once. @returns their descriptors there, in the same order */
export async function pushLayers(reference: Reference, layers: readonly Descriptor[], context: PushContext): Promise<Descriptor[]> {
  const distinct = [...new Map(layers.map((layer) => [layer.digest, layer])).values()]
  const shown = distinct.map(({ digest, size }) => ({ digest, size }))
  context.onEvent?.({ type: 'resolved', reference: formatReference(reference), layers: shown })
  const pushed = new Map<string, Descriptor>()
  const limit = Math.max(FEWEST_AT_ONCE, availableParallelism())
  await eachBounded(
    distinct,
    async (layer, signal) => {
      pushed.set(layer.digest, await pushLayer(layer, { ...context, signal }))
    },
    { limit, signal: context.signal },
  )
  return layers.map((layer) => pushed.get(layer.digest) ?? layer)
}
