import type { Readable, Writable } from 'node:stream'

/**
 * Copies a stream to one that stays open; settles when the last byte has left. The destination is asked for when there is something to
 * write: process.stdout takes its time to be made.
 * Where the reader has gone away (EPIPE) the source is closed, so that whoever writes to it learns of it, as in any pipeline.
 */
export async function copied(from: Readable | undefined, destination: () => Writable): Promise<void> {
  if (from === undefined || !(await hasContent(from))) return
  const to = destination()
  let isRead = true
  // Each write to a stdout that nobody reads fails anew.
  to.on('error', () => {
    isRead = false
    from.destroy()
  })
  from.pipe(to, { end: false })
  const { finished } = await import('node:stream/promises')
  await finished(from, { writable: false }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
  if (isRead) await new Promise<void>((resolve) => to.write('', () => resolve()))
}

/** One that ended before anybody listened is asked nothing more: it would never answer. */
async function hasContent(from: Readable): Promise<boolean> {
  if (from.errored !== null) throw from.errored
  if (from.closed || from.readableEnded) return false
  return await new Promise((resolve, reject) => {
    from.once('data', (chunk) => {
      from.pause()
      from.unshift(chunk)
      resolve(true)
    })
    from.once('close', () => resolve(false))
    from.once('error', reject)
  })
}
