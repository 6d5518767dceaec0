import { closeSync } from 'node:fs'
import { errnoNumber, errnoText } from '../door/errno.ts'
import { keepDescriptors } from '../door/inheritance.ts'
import { pipe } from '../door/pipes.ts'
import { spawnProcess } from '../door/spawn.ts'
import { KernelError } from '../error.ts'
import { hostArchitecture } from './architecture.ts'
import { Child } from './child.ts'
import { encodeProgram } from './encode.ts'
import { withExecutable } from './executable.ts'
import { invalid, type LaunchProgram } from './program.ts'
import type { LaunchFailure, LaunchMessage } from './report.ts'
import { watch } from './watch.ts'

export interface LaunchOptions {
  /** What ps(1) shows, such as `gocker: web`. */
  readonly title: string
  /** Descriptors of the caller that become 0, 1 and 2; `ignore` is /dev/null. They stay the caller's to close. */
  readonly stdio: readonly [StdioSource, StdioSource, StdioSource]
  /** The caller's descriptor for every name that the program asked a number for. They stay the caller's to close. */
  readonly descriptors?: Readonly<Record<string, number>>
  readonly cwd?: string
  /** In a session of its own, which no terminal's hang-up or Ctrl-C reaches: for a program that is to outlive this process; see {@link Launched.release}. */
  readonly detached?: boolean
  /** Where a file may be made for a moment, should memory not be executable here. */
  readonly directory?: string
  /**
   * Kills the first process of the program with SIGKILL. Its children live on unless they asked to die with it:
   * let them begin with `dieWithParent`.
   */
  readonly signal?: AbortSignal
  /** Told of every failure and report as it arrives. */
  readonly onMessage?: (message: LaunchMessage) => void
}

export type StdioSource = number | 'ignore'

/** A program that runs. */
export interface Launched {
  /** Of the first process. */
  readonly pid: number
  /** Resolves when the first process has ended and what it reported has been read. Never rejects. */
  readonly exited: Promise<LaunchExit>
  /**
   * The values of the first report of this name, which may have come already.
   * Rejects with a {@link KernelError} when a row has failed or the first process ended without it, and with
   * the abort signal's reason.
   */
  report(name: string): Promise<readonly bigint[]>
  /** Sends a signal to the first process; nothing happens when it has ended. */
  kill(signal: NodeJS.Signals | number): void
  /** Stops listening, so that this process may end before the program does; `exited` may never resolve then. */
  release(): void
}

/** How the first process ended: by itself, or by a signal. */
export interface LaunchExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The first row that failed, in this or another process. */
  readonly failure: LaunchFailure | undefined
}

/**
 * Starts a program as a child of this process, with an empty environment and no descriptor but those given.
 * @throws {KernelError} where it cannot be started; a row that fails is told by the {@link Launched}
 */
export async function launch(program: LaunchProgram, options: LaunchOptions): Promise<Launched> {
  options.signal?.throwIfAborted()
  // Whoever started this process may wait for the end of a pipe that it has left open to it.
  if (options.detached === true) keepDescriptors()
  const extra = extraDescriptors(program, options)
  const image = encodeProgram(program, hostArchitecture())
  const report = pipe()
  try {
    const descriptors = [...options.stdio.map((source) => (source === 'ignore' ? undefined : source)), report.write, ...extra]
    const child = withExecutable(image, { directory: options.directory, start: (path) => start(path, descriptors, options) })
    // Loaded no earlier: it takes as long as the program takes to begin.
    const { Socket } = process.getBuiltinModule('node:net')
    return watch(child, new Socket({ fd: report.read, writable: false }), { program, options })
  } catch (error) {
    closeSync(report.read)
    throw error
  } finally {
    closeSync(report.write)
  }
}

function extraDescriptors(program: LaunchProgram, { title, descriptors = {} }: LaunchOptions): number[] {
  const unknown = Object.keys(descriptors).find((name) => !program.descriptors.includes(name))
  if (unknown !== undefined) throw invalid(title, `the program has no descriptor ${unknown}`)
  return program.descriptors.map((name) => {
    const fd = descriptors[name]
    if (fd === undefined) throw invalid(title, `the program needs a descriptor ${name}`)
    return fd
  })
}

function start(path: string, descriptors: readonly (number | undefined)[], { title, cwd, detached = false }: LaunchOptions): Child {
  try {
    return new Child(spawnProcess({ path, args: [title], descriptors, cwd, session: detached }))
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    const where = cwd === undefined ? '' : ` in ${cwd}`
    throw new KernelError(error.code, `starting ${title}${where}: ${error.code} (${errnoText(errnoNumber(error.code) ?? 0)})`, {
      syscall: 'execve',
      cause: error,
    })
  }
}
