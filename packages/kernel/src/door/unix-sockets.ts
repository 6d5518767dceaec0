import { closeSync, constants, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { KernelError } from '../error.ts'
import { callFailed, errnoFailed, lastErrno, libcFunction } from './libc.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_CLOEXEC = 0o2_000_000
/** Of `struct sockaddr_un`, with the NUL behind it. */
const LONGEST_PATH = 107
const FAMILY_SIZE = 2

/**
 * A stream socket connected to the one that listens at a path; close-on-exec, closed like a file.
 * @throws {KernelError} `ENOENT`, `ECONNREFUSED` where nobody listens any more
 * @see unix(7), connect(2)
 */
export function connectUnix(path: string): number {
  return withSocket(path, 'connect', connect())
}

/**
 * A stream socket that listens at a path, where it makes a file; close-on-exec, closed like a file.
 * @throws {KernelError} `EADDRINUSE` where there is a file already
 * @see unix(7), bind(2), listen(2)
 */
export function listenUnix(path: string): number {
  const descriptor = withSocket(path, 'bind', bind())
  if (listen()(descriptor, 1) === 0) return descriptor
  const errno = lastErrno()
  closeSync(descriptor)
  throw errnoFailed(errno, 'listen', path)
}

type AddressCall = (socket: number, address: Buffer, size: number) => number

function withSocket(path: string, name: string, call: AddressCall): number {
  const descriptor = socketCall()(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)
  if (descriptor < 0) throw callFailed('socket', path)
  const errno = withShortPath(path, (short) => {
    const address = addressOf(short, path)
    return call(descriptor, address, address.byteLength) === 0 ? 0 : lastErrno()
  })
  if (errno === 0) return descriptor
  closeSync(descriptor)
  throw errnoFailed(errno, name, path)
}

/** A path that is too long for an address is named from its directory. */
function withShortPath<Result>(path: string, use: (short: string) => Result): Result {
  if (Buffer.byteLength(path) <= LONGEST_PATH) return use(path)
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return use(`/proc/self/fd/${directory}/${basename(path)}`)
  } finally {
    closeSync(directory)
  }
}

function addressOf(short: string, path: string): Buffer {
  const text = Buffer.from(`${short}\0`)
  if (text.length > LONGEST_PATH + 1 || text.indexOf(0) !== text.length - 1)
    throw new KernelError('EINVAL', `naming socket ${JSON.stringify(path)}: EINVAL (its name is too long, or has a NUL)`, {
      syscall: 'socket',
    })
  const address = Buffer.alloc(FAMILY_SIZE + text.length)
  address.writeUInt16LE(AF_UNIX)
  text.copy(address, FAMILY_SIZE)
  return address
}

const socketCall = libcFunction<(domain: number, type: number, protocol: number) => number>('socket', 'int', ['int', 'int', 'int'])
const connect = libcFunction<AddressCall>('connect', 'int', ['int', 'void *', 'uint'])
const bind = libcFunction<AddressCall>('bind', 'int', ['int', 'void *', 'uint'])
const listen = libcFunction<(socket: number, backlog: number) => number>('listen', 'int', ['int', 'int'])
