import {
  accessSync,
  chmodSync,
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  type Mode,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
  writev,
} from 'node:fs'
import { makeDirectories } from './make-directories.ts'

/*
 * What the store does to names and to small files takes the kernel microseconds, and a way through node:fs/promises and its pool of threads
 * takes many times as long: a container's start has some forty such calls. So they are made at once, and are promises for the sake of their
 * callers: what takes longer (writing blobs, syncing) goes through the pool all the same.
 */

/** An open file that closes itself for nobody. */
export class OpenFile {
  readonly fd: number

  constructor(fd: number) {
    this.fd = fd
  }

  async stat(): Promise<Stats> {
    return fstatSync(this.fd)
  }

  async truncate(length: number): Promise<void> {
    ftruncateSync(this.fd, length)
  }

  /** For small contents. */
  async writeFile(bytes: Uint8Array | string): Promise<void> {
    writeFileSync(this.fd, bytes)
  }

  async close(): Promise<void> {
    closeSync(this.fd)
  }

  datasync(): Promise<void> {
    return new Promise((resolve, reject) => fdatasync(this.fd, (error) => (error === null ? resolve() : reject(error))))
  }

  /** @returns how many bytes were written */
  writev(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      writev(this.fd, buffers, position, (error, written) => (error === null ? resolve(written) : reject(error)))
    })
  }

  /** @returns how many bytes were read: 0 at the end */
  read(buffer: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.fd, buffer, 0, buffer.length, position, (error, count) => (error === null ? resolve(count) : reject(error)))
    })
  }
}

export async function open(path: string, flags: number, mode?: Mode): Promise<OpenFile> {
  return new OpenFile(openSync(path, flags, mode))
}

export async function access(path: string, mode: number): Promise<void> {
  accessSync(path, mode)
}

export async function chmod(path: string, mode: Mode): Promise<void> {
  chmodSync(path, mode)
}

export async function mkdir(path: string, options?: { readonly recursive?: boolean; readonly mode?: number }): Promise<void> {
  if (options?.recursive === true) makeDirectories(path, options.mode)
  else mkdirSync(path, options)
}

export async function readdir(path: string): Promise<string[]> {
  return readdirSync(path)
}

/** For small contents. */
export async function readFile(path: string): Promise<Buffer>
export async function readFile(path: string, encoding: 'utf8'): Promise<string>
export async function readFile(path: string, encoding?: 'utf8'): Promise<Buffer | string> {
  return encoding === undefined ? readFileSync(path) : readFileSync(path, encoding)
}

export async function readlink(path: string): Promise<string> {
  return readlinkSync(path)
}

export async function rename(from: string, to: string): Promise<void> {
  renameSync(from, to)
}

export async function rm(path: string, options?: { readonly force?: boolean }): Promise<void> {
  rmSync(path, options)
}

export async function stat(path: string): Promise<Stats> {
  return statSync(path)
}

export async function symlink(target: string, path: string): Promise<void> {
  symlinkSync(target, path)
}
