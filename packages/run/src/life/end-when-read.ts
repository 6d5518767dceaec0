import type { Socket } from 'node:net'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds until a stream that is not being read is looked at again. */
const PAUSE = 5

/**
 * Ends a stream of a pipe or a terminal as soon as what is in it has been read: its writer is gone, but a process that he left behind
 * may hold the other end for as long as it likes.
 */
export async function endWhenRead(stream: Socket): Promise<void> {
  while (!stream.readableEnded && !stream.destroyed) {
    const before = stream.bytesRead
    // What is there has been read when the event loop has polled once more: that is between two turns.
    await nextTurn()
    await nextTurn()
    if (stream.readableFlowing !== true) await delay(PAUSE)
    else if (stream.bytesRead === before) return end(stream)
  }
}

function end(stream: Socket): void {
  stream.once('end', () => stream.destroy())
  stream.push(null)
}
