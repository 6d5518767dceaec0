import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

/** Copies a stream to one that stays open; settles when the last byte has left. A reader who has gone away (EPIPE) ends nothing. */
export async function copied(from: Readable | undefined, to: Writable): Promise<void> {
  if (from === undefined) return
  to.once('error', () => {
    from.unpipe(to)
    from.resume()
  })
  from.pipe(to, { end: false })
  await finished(from, { writable: false })
  if (to.writable) await new Promise<void>((resolve) => to.write('', () => resolve()))
}
