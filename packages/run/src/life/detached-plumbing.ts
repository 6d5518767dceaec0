import { closeSync, writeSync } from 'node:fs'
import { pipe, socketPair } from '@gocker/kernel'
import { DETACHED_DESCRIPTORS } from '../program/detached-monitor.ts'
import { CONSOLE_DESCRIPTOR } from '../program/terminal.ts'
import type { Plumbing } from './launch-container.ts'
import { StdioPipes } from './stdio.ts'

export interface DetachedStreams {
  readonly hasTerminal: boolean
  readonly keepsStdin: boolean
  readonly keepsOutput: boolean
}

/** The streams of a container that goes on without gocker: all ends are its own and its monitor's. */
export class DetachedPlumbing {
  readonly plumbing: Plumbing
  readonly #pipes: StdioPipes
  readonly #sockets: readonly number[]
  readonly #release: { read: number; write: number }
  #isClosed = false

  /** @throws {KernelError} */
  constructor({ hasTerminal, keepsStdin, keepsOutput }: DetachedStreams) {
    const output = !hasTerminal && keepsOutput ? 'pipe' : 'ignore'
    this.#release = pipe()
    this.#pipes = new StdioPipes({ stdin: !hasTerminal && keepsStdin ? 'pipe' : 'ignore', stdout: output, stderr: output })
    this.#sockets = hasTerminal ? socketPair('seqpacket') : []
    const { kinds, sources } = this.#pipes
    this.plumbing = { kinds, sources, descriptors: this.#descriptors() }
  }

  /** Tells the monitor that all is written down: from now on the container does not end with this process. */
  release(): void {
    writeSync(this.#release.write, 'x')
  }

  /** What was not released before ends. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#pipes.closeAll()
    for (const fd of [...this.#sockets, this.#release.read, this.#release.write]) closeSync(fd)
  }

  #descriptors(): Record<string, number> {
    const { stdin, stdout, stderr } = this.#pipes.ends()
    const [ours, theirs] = this.#sockets
    return {
      [DETACHED_DESCRIPTORS.release]: this.#release.read,
      ...(stdin !== undefined && { [DETACHED_DESCRIPTORS.stdin]: stdin }),
      ...(stdout !== undefined && { [DETACHED_DESCRIPTORS.stdout]: stdout }),
      ...(stderr !== undefined && { [DETACHED_DESCRIPTORS.stderr]: stderr }),
      ...(ours !== undefined && theirs !== undefined && { [DETACHED_DESCRIPTORS.terminal]: ours, [CONSOLE_DESCRIPTOR]: theirs }),
    }
  }
}
