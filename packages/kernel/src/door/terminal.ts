import { callFailed, libcFunction } from './libc.ts'

/** Characters. */
export interface WindowSize {
  readonly columns: number
  readonly rows: number
}

const TIOCGWINSZ = 0x5413
const TIOCSWINSZ = 0x5414

/**
 * @param fd of a terminal, or of the master of one
 * @throws {KernelError} `ENOTTY`
 * @see ioctl_tty(2)
 */
export function getWindowSize(fd: number): WindowSize {
  const size = new Uint16Array(new ArrayBuffer(8))
  if (ioctl()(fd, TIOCGWINSZ, size) < 0) throw callFailed('ioctl', `window size of descriptor ${fd}`)
  const [rows, columns] = size
  return { columns: columns as number, rows: rows as number }
}

/**
 * Tells the kernel, which sends SIGWINCH to those in front.
 * @throws {KernelError} `ENOTTY`
 * @see ioctl_tty(2)
 */
export function setWindowSize(fd: number, { columns, rows }: WindowSize): void {
  const size = new Uint16Array(new ArrayBuffer(8))
  size.set([rows, columns])
  if (ioctl()(fd, TIOCSWINSZ, size) < 0) throw callFailed('ioctl', `window size of descriptor ${fd}`)
}

const ioctl = libcFunction<(fd: number, request: number, argument: Uint16Array) => number>('ioctl', 'int', ['int', 'ulong', 'void *'])
