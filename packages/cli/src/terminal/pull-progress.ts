import type { Digest } from '@gocker/oci'
import type { PullEvent, PullListener } from '@gocker/pull'
import { shortId, size, span } from './amounts.ts'
import { type LiveLine, openLiveLine } from './live-line.ts'

/** Draws the events of a pull on stderr. */
export interface PullProgress {
  readonly onEvent: PullListener
  /** Takes the live line away; called on success and on failure. */
  stop(): void
}

/** One live line on a terminal, a line for each thing done elsewhere, nothing when `quiet`. */
export async function pullProgress({ quiet }: { quiet: boolean }): Promise<PullProgress> {
  if (quiet) return { onEvent: () => {}, stop: () => {} }
  return process.stderr.isTTY ? livePull(await openLiveLine()) : plainLines()
}

function plainLines(): PullProgress {
  const onEvent = (event: PullEvent) => {
    const line = noteOf(event) ?? layerLine(event)
    if (line !== undefined) process.stderr.write(`${line}\n`)
  }
  return { onEvent, stop: () => {} }
}

/** Shows a pull in a line that others may show things in, too. */
export function livePull(line: LiveLine): PullProgress {
  const tally = new Tally()
  const onEvent = (event: PullEvent) => {
    tally.count(event)
    const note = noteOf(event)
    if (note !== undefined) line.note(note)
    if (event.type === 'done') line.hide()
    else line.show(tally.line())
  }
  return { onEvent, stop: () => line.hide() }
}

/** What is worth a line of its own, live or not. */
function noteOf(event: PullEvent): string | undefined {
  switch (event.type) {
    case 'resolved':
      return `${event.reference}: ${layers(event.layers.length)} for ${event.platform}`
    case 'retry':
      return `${event.digest === undefined ? '' : `${shortId(event.digest)}: `}${event.why}; trying again in ${(event.delay / 1000).toFixed(1)} s`
    case 'mirror-failed':
      return `mirror ${event.mirror}: ${event.why}; going on with the next`
    default:
      return undefined
  }
}

function layerLine(event: PullEvent): string | undefined {
  switch (event.type) {
    case 'layer-exists':
      return `${shortId(event.digest)}: already here`
    case 'layer-waiting':
      return `${shortId(event.digest)}: another gocker is fetching it, waiting`
    case 'layer-started':
      return `${shortId(event.digest)}: fetching ${size(event.size)}${event.resumedAt > 0 ? `, ${size(event.resumedAt)} of it are here` : ''}`
    case 'layer-done':
      return `${shortId(event.digest)}: done`
    default:
      return undefined
  }
}

/** Adds up the layers' bytes, for one line about all of them: a build may pull several images at once. */
class Tally {
  #reference = ''
  readonly #transferred = new Map<Digest, number>()
  readonly #sizes = new Map<Digest, number>()
  readonly #done = new Set<Digest>()
  #firstByteAt = 0
  #bytesHere = 0

  count(event: PullEvent): void {
    if (event.type === 'resolving') this.#reference = event.reference
    if (event.type === 'resolved') for (const { digest, size } of event.layers) this.#sizes.set(digest, size)
    if (event.type === 'layer-started') this.#start(event.digest, event.resumedAt)
    if (event.type === 'layer-progress') this.#transferred.set(event.digest, event.transferred)
    if (event.type === 'layer-done' || event.type === 'layer-exists') this.#finish(event.digest, event.size, event.type === 'layer-exists')
  }

  line(): string {
    if (this.#sizes.size === 0) return `${this.#reference}: asking the registry`
    const [got, all] = [sum(this.#transferred), sum(this.#sizes)]
    const seconds = (Date.now() - this.#firstByteAt) / 1000
    const speed = this.#firstByteAt > 0 && seconds > 0.5 ? (got - this.#bytesHere) / seconds : 0
    const rest = speed > 0 ? `, ${size(speed)}/s, ${span(Math.ceil((all - got) / speed))} left` : ''
    return `${this.#done.size} of ${layers(this.#sizes.size)}, ${size(got)} of ${size(all)}${rest}`
  }

  #start(digest: Digest, resumedAt: number): void {
    this.#firstByteAt ||= Date.now()
    this.#bytesHere += resumedAt
    this.#transferred.set(digest, resumedAt)
  }

  #finish(digest: Digest, size: number, wasHere: boolean): void {
    this.#done.add(digest)
    this.#transferred.set(digest, size)
    if (wasHere) this.#bytesHere += size
  }
}

function layers(count: number): string {
  return `${count} ${count === 1 ? 'layer' : 'layers'}`
}

function sum(amounts: ReadonlyMap<Digest, number>): number {
  return amounts.values().reduce((total, amount) => total + amount, 0)
}
