import { closeSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { pipe, type StdioSource } from '@gocker/kernel'
import type { Stdio } from '../program/plan.ts'

/** `pipe`: a stream of the running container. `ignore`: its own /dev/null. A number: a descriptor of the caller's, who closes it. */
export type StdioChoice = 'pipe' | 'ignore' | number

export interface StdioOptions {
  readonly stdin?: StdioChoice
  readonly stdout?: StdioChoice
  readonly stderr?: StdioChoice
}

/** stdin, stdout and stderr of a container: its ends, and ours. */
export class StdioPipes {
  readonly kinds: readonly [Stdio, Stdio, Stdio]
  readonly sources: readonly [StdioSource, StdioSource, StdioSource]
  readonly #ours: (number | undefined)[] = []
  readonly #theirs: number[] = []

  /**
   * Real pipes, which the container can open again by /dev/stdout; a socket could not be.
   * @throws {KernelError}
   */
  constructor({ stdin = 'ignore', stdout = 'pipe', stderr = 'pipe' }: StdioOptions) {
    this.sources = [this.#source(stdin, 0), this.#source(stdout, 1), this.#source(stderr, 2)]
    this.kinds = [kindOf(stdin), kindOf(stdout), kindOf(stderr)]
  }

  /** After the start: only the container may hold its ends, or their closing would never be seen. */
  closeTheirs(): void {
    for (const fd of this.#theirs.splice(0)) closeSync(fd)
  }

  /** When there was no start. */
  closeAll(): void {
    this.closeTheirs()
    for (const fd of this.#ours.splice(0)) if (fd !== undefined) closeSync(fd)
  }

  /** Our ends, for a process that is given them. */
  ends(): { stdin?: number; stdout?: number; stderr?: number } {
    const [stdin, stdout, stderr] = this.#ours
    return { ...(stdin !== undefined && { stdin }), ...(stdout !== undefined && { stdout }), ...(stderr !== undefined && { stderr }) }
  }

  streams(): { stdin?: Writable; stdout?: Readable; stderr?: Readable } {
    const [stdin, stdout, stderr] = this.#ours
    // Loaded when the container runs: it takes as long as the container to begin.
    const { Socket } = process.getBuiltinModule('node:net')
    return {
      ...(stdin !== undefined && { stdin: quiet(new Socket({ fd: stdin, readable: false, writable: true })) }),
      ...(stdout !== undefined && { stdout: new Socket({ fd: stdout, readable: true, writable: false }) }),
      ...(stderr !== undefined && { stderr: new Socket({ fd: stderr, readable: true, writable: false }) }),
    }
  }

  #source(choice: StdioChoice, fd: 0 | 1 | 2): StdioSource {
    if (choice !== 'pipe') return choice
    const { read, write } = pipe()
    const [theirs, ours] = fd === 0 ? [read, write] : [write, read]
    this.#theirs.push(theirs)
    this.#ours[fd] = ours
    return theirs
  }
}

function kindOf(choice: StdioChoice): Stdio {
  if (choice === 'pipe') return 'pipe'
  return choice === 'ignore' ? 'null' : 'given'
}

/** A command may end, or close its stdin, before it has read everything: that is no error. */
function quiet(stdin: Socket): Socket {
  return stdin.on('error', () => stdin.destroy())
}
