import type { BuildEvent } from '@gocker/build'
import type { BuildProgress } from './build-progress.ts'

/** Every event of a build as one line of JSON on stderr; what steps print is text. */
export function jsonProgress(): BuildProgress {
  return { onEvent: (event) => void process.stderr.write(`${JSON.stringify(shown(event))}\n`), stop: () => {} }
}

function shown(event: BuildEvent): unknown {
  if (event.type === 'step-output') return { ...event, chunk: Buffer.from(event.chunk).toString() }
  if (event.type === 'done')
    return { ...event, image: { id: event.image.id, digest: event.image.descriptor.digest, size: event.image.size } }
  return event.type === 'pull' && event.event.type === 'done'
    ? { type: 'pull', event: { type: 'done', image: event.event.image.id } }
    : event
}
