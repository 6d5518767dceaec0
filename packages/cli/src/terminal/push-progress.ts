import type { Digest } from '@gocker/oci'
import type { PushEvent, PushListener } from '@gocker/pull'
import { shortId, size } from './amounts.ts'
import { type LiveLine, openLiveLine } from './live-line.ts'

/** Draws the events of a push on stderr. */
export interface PushProgress {
  readonly onEvent: PushListener
  /** Takes the live line away; called on success and on failure. */
  stop(): void
}

/** One live line on a terminal, besides a line for each layer; nothing when `quiet`. */
export async function pushProgress({ quiet }: { quiet: boolean }): Promise<PushProgress> {
  if (quiet) return { onEvent: () => {}, stop: () => {} }
  return process.stderr.isTTY ? livePush(await openLiveLine()) : { onEvent: say, stop: () => {} }
}

function say(event: PushEvent): void {
  const line = noteOf(event) ?? (event.type === 'layer-started' ? `${shortId(event.digest)}: pushing ${size(event.size)}` : undefined)
  if (line !== undefined) process.stderr.write(`${line}\n`)
}

function livePush(line: LiveLine): PushProgress {
  const layers = new Map<Digest, { size: number; transferred: number }>()
  const onEvent = (event: PushEvent) => {
    const note = noteOf(event)
    if (note !== undefined) line.note(note)
    if (event.type === 'resolved') for (const { digest, size } of event.layers) layers.set(digest, { size, transferred: 0 })
    if (event.type === 'layer-progress') layers.set(event.digest, { size: event.size, transferred: event.transferred })
    if (event.type === 'layer-exists' || event.type === 'layer-mounted' || event.type === 'layer-done')
      layers.set(event.digest, { size: event.size, transferred: event.size })
    if (event.type === 'done') return line.hide()
    const all = [...layers.values()]
    const sum = (key: 'size' | 'transferred') => all.reduce((total, layer) => total + Math.min(layer[key], layer.size), 0)
    line.show(`${size(sum('transferred'))} of ${size(sum('size'))}`)
  }
  return { onEvent, stop: () => line.hide() }
}

/** What is worth a line of its own, live or not. */
function noteOf(event: PushEvent): string | undefined {
  switch (event.type) {
    case 'resolved':
      return `pushing to ${event.reference}: ${event.layers.length} ${event.layers.length === 1 ? 'layer' : 'layers'}`
    case 'layer-exists':
      return `${shortId(event.digest)}: already there`
    case 'layer-mounted':
      return `${shortId(event.digest)}: mounted from ${event.from}`
    case 'layer-done':
      return `${shortId(event.digest)}: pushed, ${size(event.sent)}`
    case 'retry':
      return `${event.digest === undefined ? '' : `${shortId(event.digest)}: `}${event.why}; trying again in ${(event.delay / 1000).toFixed(1)} s`
    default:
      return undefined
  }
}
