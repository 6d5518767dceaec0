import { closeSync, constants, openSync } from 'node:fs'
import { callFailed, lastErrno, libcFunction, type Path } from '../door/libc.ts'

/** A file that looks like a disk, for file systems that cannot be mounted of a file. */
export interface LoopDevice {
  readonly path: string
  /** Lets go of it. The kernel frees the device when nothing has it open or mounted any more, also where this process is killed. */
  close(): void
}

const LOOP_CTL_GET_FREE = 0x4c82
const LOOP_CONFIGURE = 0x4c0a
const LO_FLAGS_READ_ONLY = 1
const LO_FLAGS_AUTOCLEAR = 4
const EBUSY = 16
/** Of struct loop_config: the file's descriptor first, the flags in its struct loop_info64. */
const CONFIG = { size: 304, descriptor: 0, flags: 8 + 52 }
const MOST_TRIES = 32

/**
 * Makes a loop device of a file, to be read only.
 * @throws {KernelError}
 * @see loop(4), include/uapi/linux/loop.h; Linux 5.8
 */
export function attachLoopDevice(file: Path): LoopDevice {
  const backing = openSync(file, constants.O_RDONLY)
  try {
    return attach(backing, `${file}`)
  } finally {
    closeSync(backing)
  }
}

function attach(backing: number, file: string): LoopDevice {
  const control = openSync('/dev/loop-control', constants.O_RDWR)
  try {
    // Between the question which one is free and its use, somebody else may take it.
    for (let left = MOST_TRIES; ; left--) {
      const number = controlCall()(control, LOOP_CTL_GET_FREE, 0)
      if (number < 0) throw callFailed('ioctl', 'finding a free loop device')
      const path = `/dev/loop${number}`
      const device = openSync(path, constants.O_RDONLY)
      if (configureCall()(device, LOOP_CONFIGURE, configuration(backing)) === 0) return { path, close: () => closeSync(device) }
      const isTaken = lastErrno() === EBUSY
      closeSync(device)
      if (!isTaken || left === 0) throw callFailed('ioctl', `making ${path} of ${file}`)
    }
  } finally {
    closeSync(control)
  }
}

function configuration(backing: number): Uint8Array {
  const config = Buffer.alloc(CONFIG.size)
  config.writeUInt32LE(backing, CONFIG.descriptor)
  config.writeUInt32LE(LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR, CONFIG.flags)
  return config
}

const controlCall = libcFunction<(fd: number, request: number, argument: number) => number>('ioctl', 'int', ['int', 'ulong', 'ulong'])
const configureCall = libcFunction<(fd: number, request: number, argument: Uint8Array) => number>('ioctl', 'int', [
  'int',
  'ulong',
  'void *',
])
