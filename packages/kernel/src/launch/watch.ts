import type { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { KernelError } from '../error.ts'
import type { Child } from './child.ts'
import type { LaunchExit, Launched, LaunchOptions } from './launch.ts'
import type { LaunchProgram } from './program.ts'
import { failureError, type LaunchFailure, type LaunchMessage, ReportReader } from './report.ts'

/**
 * Follows a program that has just been started, until its first process ends.
 * @param stream what the program writes to its report descriptor
 */
export function watch(child: Child, stream: Readable, { program, options }: { program: LaunchProgram; options: LaunchOptions }): Launched {
  const reports = new Reports(options)
  const reader = new ReportReader(program)
  stream.on('data', (chunk: Buffer) => reports.take(reader.read(chunk)))
  // A broken stream has nothing more to tell; that the program ended is told by its exit.
  stream.on('error', () => stream.destroy())
  let isReleased = false
  // However it ended: nothing else keeps this process waiting for the child.
  stream.on('close', () => {
    if (!isReleased) child.keepLooking()
  })
  return {
    pid: child.pid,
    exited: untilExit(child, { reports, stream, signal: options.signal }),
    report: (name) => reports.first(name),
    kill: (signal) => child.kill(signal),
    release: () => {
      isReleased = true
      stream.destroy()
    },
  }
}

async function untilExit(
  child: Child,
  { reports, stream, signal: abort }: { reports: Reports; stream: Readable; signal: AbortSignal | undefined },
): Promise<LaunchExit> {
  const kill = () => child.kill('SIGKILL')
  abort?.addEventListener('abort', kill)
  if (abort?.aborted) kill()
  const { code, signal } = await child.exited
  abort?.removeEventListener('abort', kill)
  // Not until the stream's end: a process that outlives the first one may hold it. What was written is there by now,
  // and has been read when the event loop has polled once more: that is between two turns.
  await nextTurn()
  await nextTurn()
  stream.destroy()
  reports.end(abort?.aborted ? abort.reason : undefined, signal ?? `status ${code}`)
  return { code, signal, failure: reports.failure }
}

interface Waiter {
  resolve(values: readonly bigint[]): void
  reject(reason: unknown): void
}

/** What has been reported, and who waits for what has not. */
class Reports {
  failure: LaunchFailure | undefined
  readonly #title: string
  readonly #onMessage: ((message: LaunchMessage) => void) | undefined
  readonly #values = new Map<string, readonly bigint[]>()
  readonly #waiters = new Map<string, Waiter[]>()
  #ending: { reason: unknown } | undefined

  constructor({ title, onMessage }: LaunchOptions) {
    this.#title = title
    this.#onMessage = onMessage
  }

  take(messages: readonly LaunchMessage[]): void {
    for (const message of messages) {
      if (message.type === 'failure') this.#fail(message.failure)
      else this.#report(message.name, message.values)
      this.#onMessage?.(message)
    }
  }

  first(name: string): Promise<readonly bigint[]> {
    const values = this.#values.get(name)
    if (values !== undefined) return Promise.resolve(values)
    if (this.#ending !== undefined) return Promise.reject(this.#ending.reason)
    const { promise, resolve, reject } = Promise.withResolvers<readonly bigint[]>()
    this.#waiters.set(name, [...(this.#waiters.get(name) ?? []), { resolve, reject }])
    return promise
  }

  end(reason: unknown, how: string): void {
    this.#end(reason ?? new KernelError('ESRCH', `waiting for ${this.#title}: it ended (${how})`, { syscall: 'launch' }))
  }

  #report(name: string, values: readonly bigint[]): void {
    // What is told after a failure counts no more, though it may come in the same chunk: whoever asks learns of the failure.
    if (this.#ending === undefined && !this.#values.has(name)) this.#values.set(name, values)
    for (const { resolve } of this.#waiters.get(name) ?? []) resolve(values)
    this.#waiters.delete(name)
  }

  #fail(failure: LaunchFailure): void {
    this.failure ??= failure
    this.#end(failureError(failure))
  }

  #end(reason: unknown): void {
    this.#ending ??= { reason }
    for (const { reject } of [...this.#waiters.values()].flat()) reject(this.#ending.reason)
    this.#waiters.clear()
  }
}
