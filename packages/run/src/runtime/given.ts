import { closeSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { connectUnix, pipe } from '@gocker/kernel'
import { CONSOLE_DESCRIPTOR } from '../program/terminal.ts'
import { preservedDescriptor } from './program/descriptors.ts'
import { DESCRIPTORS } from './program/plan.ts'

/** What a program is given by its names, and this process's ends of it. */
export class GivenDescriptors {
  readonly descriptors: Record<string, number> = {}
  readonly #open = new Set<number>()
  #gate: number | undefined

  /** Closed with the others. */
  give(name: string, fd: number): void {
    this.descriptors[name] = fd
    this.#open.add(fd)
  }

  /** Of the caller's own, from 3 on. */
  givePreserved(count: number): void {
    for (let index = 0; index < count; index++) this.descriptors[preservedDescriptor(index)] = 3 + index
  }

  /** @param socket where the terminal's other side goes: a path, or what is connected already and stays the caller's */
  giveConsole(socket: string | number): void {
    if (typeof socket === 'number') this.descriptors[CONSOLE_DESCRIPTOR] = socket
    else this.give(CONSOLE_DESCRIPTOR, connectUnix(resolve(socket)))
  }

  /** The program waits for {@link openGate}. */
  giveGate(): void {
    const { read, write } = pipe()
    this.give(DESCRIPTORS.gate, read)
    this.#open.add(write)
    this.#gate = write
  }

  /** Into a file in memory, if there is one of that name. */
  write(name: string, text: string): void {
    const file = this.descriptors[name]
    if (file !== undefined) writeSync(file, text)
  }

  /** Lets the program go on. */
  openGate(): void {
    if (this.#gate !== undefined) writeSync(this.#gate, 'g')
  }

  /** After the start: whoever waits for the end of one of these sees then that the program is gone, or this process. */
  closeTheirs(...names: readonly string[]): void {
    for (const name of names) this.#close(this.descriptors[name])
  }

  close(): void {
    for (const fd of this.#open) this.#close(fd)
  }

  #close(fd: number | undefined): void {
    if (fd !== undefined && this.#open.delete(fd)) closeSync(fd)
  }
}
