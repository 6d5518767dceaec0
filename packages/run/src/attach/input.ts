import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { KernelError, pidfdOpen, pidfdSend, pidfdTake, setWindowSize, type WindowSize } from '@gocker/kernel'
import { type ContainerRecord, isAlive, type ProcessIdentity, type Store } from '@gocker/store'
import { readSettings } from '../life/settings.ts'
import { END_OF_INPUT, INPUT_DESCRIPTOR } from '../program/detached-monitor.ts'
import { terminalInput } from './terminal-input.ts'

/** What a container reads, as its monitor holds it. */
export interface ContainersInput {
  /** Not there where the container keeps no stdin open, or has ended. */
  readonly writable?: Writable
  resize(size: WindowSize): void
  close(): void
}

const NONE: ContainersInput = { resize() {}, close() {} }

/** Takes the monitor's end of the container's stdin, or of its terminal. @throws {KernelError} */
export async function openInput(store: Store, record: ContainerRecord): Promise<ContainersInput> {
  const { stdin = false, tty = false } = readSettings(record)
  const monitor = (await store.containers.readState(record.id))?.monitor
  if (monitor === undefined || (!stdin && !tty)) return NONE
  const taken = takeFrom(monitor)
  if (taken === undefined) return NONE
  return tty ? terminalOf(taken, stdin) : pipeOf(taken)
}

interface Taken {
  readonly monitor: number
  readonly descriptor: number
}

/** @returns undefined when the monitor has ended, or has closed it */
function takeFrom(identity: ProcessIdentity): Taken | undefined {
  let monitor: number | undefined
  try {
    monitor = pidfdOpen(identity.pid)
    if (isAlive(identity)) return { monitor, descriptor: pidfdTake(monitor, INPUT_DESCRIPTOR) }
  } catch (error) {
    if (!isGone(error)) throw error
  }
  if (monitor !== undefined) closeSync(monitor)
  return undefined
}

function terminalOf({ monitor, descriptor }: Taken, keepsStdin: boolean): ContainersInput {
  closeSync(monitor)
  let isClosed = false
  const writable = terminalInput(descriptor, () => !isClosed)
  return {
    ...(keepsStdin && { writable }),
    resize(size) {
      if (!isClosed) setWindowSize(descriptor, size)
    },
    close() {
      if (isClosed) return
      isClosed = true
      writable.destroy()
      closeSync(descriptor)
    },
  }
}

/** The monitor has the pipe open as well: it is asked to close it when nothing more is typed. */
function pipeOf({ monitor, descriptor }: Taken): ContainersInput {
  const socket = new Socket({ fd: descriptor, readable: false, writable: true })
  // The command may end, or close its stdin, before it has read everything.
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => askToClose(monitor))
  socket.once('close', () => closeSync(monitor))
  return { writable: socket, resize() {}, close: () => void socket.destroy() }
}

function askToClose(monitor: number): void {
  try {
    pidfdSend(monitor, END_OF_INPUT)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

function isGone(error: unknown): boolean {
  return error instanceof KernelError && (error.code === 'ESRCH' || error.code === 'EBADF')
}
