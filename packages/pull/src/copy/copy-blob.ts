import type { Descriptor } from '@gocker/oci'
import { Progress } from '../transfer/progress.ts'
import type { CopyContext } from './copy-image.ts'

/** Sees to it that the destination has a blob, and sends it only where it has not. */
export async function copyBlob(blob: Descriptor, { source, destination, signal, onEvent }: CopyContext & { readonly signal: AbortSignal }) {
  const { digest, size } = blob
  if (await destination.has(blob, signal)) return onEvent?.({ type: 'layer-exists', digest, size })
  const from = await destination.mount(blob, signal)
  if (from !== undefined) return onEvent?.({ type: 'layer-mounted', digest, size, from })
  onEvent?.({ type: 'layer-started', digest, size })
  const progress = new Progress(blob, { startAt: 0, onEvent: (event) => event.type === 'layer-progress' && onEvent?.(event) })
  async function* open(offset: number): AsyncGenerator<Uint8Array> {
    for await (const chunk of source.open(blob, { offset, signal })) {
      progress.add(chunk.length)
      yield chunk
    }
  }
  await destination.receive(blob, open, signal)
  onEvent?.({ type: 'layer-done', digest, size, sent: size })
}
