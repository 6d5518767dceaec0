import { Ring } from './ring.ts'
import { emptyRing } from './ring-reader.ts'
import type { LayerTask } from './thread-task.ts'

/** Inflates what comes by one ring into another. */
export function inflateFor({ compression, ring, into }: Extract<LayerTask, { kind: 'inflate' }>): undefined {
  const next = new Ring(into)
  emptyRing(new Ring(ring), compression, (piece) => {
    next.waitForEmpty().set(piece)
    next.fill(piece.length)
  })
  next.waitForEmpty()
  next.end()
}
