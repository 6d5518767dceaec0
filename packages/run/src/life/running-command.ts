import type { Readable, Writable } from 'node:stream'
import type { Terminal } from './terminal.ts'

/** A command that runs in a container, with what it is connected to. */
export interface RunningCommand {
  /** Of its first process, as this process counts. */
  readonly pid: number
  readonly stdin?: Writable
  readonly stdout?: Readable
  readonly stderr?: Readable
  readonly terminal?: Terminal
  /**
   * Sends a signal to the command's first process; nothing happens when it has ended.
   * @param signal a name or a number
   * @throws {KernelError} `EINVAL` for what is no signal
   */
  kill(signal: string | number): void
}
