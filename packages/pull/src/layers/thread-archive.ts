import type { LayerThread } from './layer-thread.ts'

/** The archive that a thread makes. The chunks are the caller's to keep. */
export async function* threadArchive({ ring }: LayerThread): AsyncGenerator<Buffer> {
  for (let slot = await ring.whenFilled(); slot !== null; slot = await ring.whenFilled()) {
    const chunk = Buffer.from(slot)
    ring.empty()
    yield chunk
  }
}
