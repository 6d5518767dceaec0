import { KernelError } from '../error.ts'
import { addressOf, errnoFailed, lastErrno, libcFunction } from './libc.ts'

const MSG_DONTWAIT = 0x40
const MSG_CMSG_CLOEXEC = 0x4000_0000
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const EINTR = 4
const EAGAIN = 11

/**
 * Takes a descriptor that another process sent over a Unix socket, without waiting. What comes with it is thrown away.
 * @returns the descriptor, close-on-exec; undefined while nothing is there
 * @throws {KernelError} `ECONNRESET` where the other end is closed
 * @see unix(7), recvmsg(2), cmsg(3)
 */
export function receiveDescriptor(socket: number): number | undefined {
  const { header, control } = messageHeader()
  let size = recvmsg()(socket, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
  while (size < 0 && lastErrno() === EINTR) size = recvmsg()(socket, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
  if (size < 0) {
    const errno = lastErrno()
    if (errno === EAGAIN) return undefined
    throw errnoFailed(errno, 'recvmsg', `descriptor ${socket}`)
  }
  const received = passedDescriptor(control)
  if (received === undefined && size === 0)
    throw new KernelError('ECONNRESET', `recvmsg descriptor ${socket}: ECONNRESET (the other end is closed)`, { syscall: 'recvmsg' })
  return received
}

/** `struct msghdr` with room for one byte of data and for one descriptor; on 64 bits, glibc's and musl's are the same. */
function messageHeader(): { header: Buffer; control: Buffer } {
  // Of their own, not of Node's pool: their addresses are taken.
  const data = Buffer.allocUnsafeSlow(256)
  const control = Buffer.alloc(24)
  const vector = Buffer.allocUnsafeSlow(16)
  vector.writeBigUInt64LE(addressOf(data), 0)
  vector.writeBigUInt64LE(BigInt(data.byteLength), 8)
  const header = Buffer.alloc(56)
  header.writeBigUInt64LE(addressOf(vector), 16)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(addressOf(control), 32)
  header.writeBigUInt64LE(BigInt(control.byteLength), 40)
  return { header, control }
}

function passedDescriptor(control: Buffer): number | undefined {
  const isRights = control.readInt32LE(8) === SOL_SOCKET && control.readInt32LE(12) === SCM_RIGHTS
  return isRights ? control.readInt32LE(16) : undefined
}

const recvmsg = libcFunction<(socket: number, header: Buffer, flags: number) => number>('recvmsg', 'long', ['int', 'void *', 'int'])
