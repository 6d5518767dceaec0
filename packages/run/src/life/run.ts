import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ContainerOptions } from '../options/container-options.ts'
import { createContainer } from './container.ts'
import type { ExitStatus } from './exit-status.ts'

export interface RunContainerOptions extends ContainerOptions {
  /** Where its output goes; nowhere unless given. They are not ended. */
  readonly stdout?: Writable
  readonly stderr?: Writable
  /** Kills the container. */
  readonly signal?: AbortSignal
}

/**
 * Creates, starts, waits and removes: for a command whose output and status are all that is wanted.
 * @throws as {@link createContainer} and `Container.start`; the signal's reason when it was aborted
 */
export async function runContainer({ stdout, stderr, signal, ...options }: RunContainerOptions): Promise<ExitStatus> {
  signal?.throwIfAborted()
  const container = await createContainer(options)
  try {
    const stdio = { stdout: stdout === undefined ? 'ignore' : 'pipe', stderr: stderr === undefined ? 'ignore' : 'pipe' } as const
    const running = await container.start({ stdio, ...(signal !== undefined && { signal }) })
    const [status] = await Promise.all([running.exited, copy(running.stdout, stdout), copy(running.stderr, stderr)])
    signal?.throwIfAborted()
    return status
  } finally {
    await container.remove()
  }
}

/** As fast as the receiver takes it. */
async function copy(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined || to === undefined) return
  from.pipe(to, { end: false })
  await finished(from, { writable: false })
}
