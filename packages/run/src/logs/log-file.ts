import { type FileHandle, open } from 'node:fs/promises'

/** One of a container's log files, open: renaming and removing do not take it away. */
export class LogFile {
  /** The same for the same file as long as it is open somewhere. */
  readonly inode: number
  readonly #handle: FileHandle

  private constructor(handle: FileHandle, inode: number) {
    this.#handle = handle
    this.inode = inode
  }

  /** undefined where there is none. */
  static async open(path: string): Promise<LogFile | undefined> {
    const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    })
    return handle === undefined ? undefined : new LogFile(handle, (await handle.stat()).ino)
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  /** Shorter where the file ends. The buffer is the caller's. */
  async read(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, length - filled, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}
