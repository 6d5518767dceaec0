import { closeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { receiveDescriptor, setWindowSize, type WindowSize } from '@gocker/kernel'
import { terminalInput } from '../attach/terminal-input.ts'
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

/**
 * Takes the terminal that the container has sent over a socket.
 * @throws {RunError} `LAUNCH_FAILED` when it has sent none
 */
export function receiveTerminal(socket: number): Terminal {
  const master = receiveDescriptor(socket)
  if (master === undefined) throw new RunError('LAUNCH_FAILED', 'taking the terminal of the container: it sent none')
  // Loaded where there is one: most containers have none.
  const [tty, streams] = [process.getBuiltinModule('node:tty'), process.getBuiltinModule('node:stream')]
  const stream = new tty.ReadStream(master)
  const output = new streams.Readable({
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
    input: terminalInput(master, () => !stream.destroyed),
    resize: (size) => resize(master, stream, size),
    end: () => void endWhenRead(stream),
  }
}

function resize(master: number, stream: ReadStream, size: WindowSize): void {
  if (!stream.destroyed) setWindowSize(master, size)
}

export function closePair(pair: readonly number[]): void {
  for (const fd of pair) closeSync(fd)
}
