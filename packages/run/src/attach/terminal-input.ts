import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'

/** Milliseconds until a full terminal is tried again. */
const RETRY = 5

/**
 * What is typed into a terminal. Without waiting for one that is full, since a whole process would wait: the descriptor does not block.
 * @param master of the terminal; stays open
 * @param isOpen whether it is still there to be written to
 */
export function terminalInput(master: number, isOpen: () => boolean): Writable {
  const writeAll = async (chunk: Buffer) => {
    for (let rest = chunk; rest.length > 0 && isOpen(); ) {
      const written = tryWrite(master, rest)
      rest = rest.subarray(written)
      if (written === 0) await setTimeout(RETRY)
    }
  }
  // Loaded where there is a terminal: most containers have none.
  const streams = process.getBuiltinModule('node:stream')
  return new streams.Writable({
    write: (chunk: Buffer, _encoding, done) => void writeAll(chunk).then(() => done(), done),
  })
}

function tryWrite(master: number, bytes: Buffer): number {
  try {
    return writeSync(master, bytes)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return 0
    // The other side is closed: nobody reads this any more.
    if (code === 'EIO') return bytes.length
    throw error
  }
}
