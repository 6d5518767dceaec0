import { closeSync, writeSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { ReadStream } from 'node:tty'
import { receiveDescriptor, setWindowSize, type WindowSize } from '@gocker/kernel'
import { RunError } from '../error.ts'
import { endWhenRead } from './end-when-read.ts'

/** gocker's side of a container's terminal. */
export interface Terminal {
  /** What is typed. */
  readonly input: Writable
  /** What is shown; ends when nobody in the container has the terminal open any more. */
  readonly output: Readable
  resize(size: WindowSize): void
  /** Ends the output as soon as what was shown until now has been read, whoever has the terminal open. */
  end(): void
}

/** Milliseconds until a full terminal is tried again. */
const RETRY = 5

/**
 * Takes the terminal that the container has sent over a socket.
 * @throws {RunError} `LAUNCH_FAILED` when it has sent none
 */
export function receiveTerminal(socket: number): Terminal {
  const master = receiveDescriptor(socket)
  if (master === undefined) throw new RunError('LAUNCH_FAILED', 'taking the terminal of the container: it sent none')
  const stream = new ReadStream(master)
  const output = new Readable({
    read: () => void stream.resume(),
    destroy: (error, done) => {
      stream.destroy()
      done(error)
    },
  })
  stream.on('data', (chunk) => void (output.push(chunk) || stream.pause()))
  // EIO says that the other side is closed.
  stream.on('error', () => output.push(null))
  stream.on('end', () => output.push(null))
  return {
    output,
    input: inputTo(master, stream),
    resize: (size) => resize(master, stream, size),
    end: () => void endWhenRead(stream),
  }
}

/** Without waiting for a terminal that is full, since a whole process would wait: the descriptor does not block. */
function inputTo(master: number, stream: ReadStream): Writable {
  const writeAll = async (chunk: Buffer) => {
    for (let rest = chunk; rest.length > 0 && !stream.destroyed; ) {
      const written = tryWrite(master, rest)
      rest = rest.subarray(written)
      if (written === 0) await setTimeout(RETRY)
    }
  }
  return new Writable({
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

function resize(master: number, stream: ReadStream, size: WindowSize): void {
  if (!stream.destroyed) setWindowSize(master, size)
}

export function closePair(pair: readonly number[]): void {
  for (const fd of pair) closeSync(fd)
}
