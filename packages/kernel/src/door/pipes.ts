import { callFailed, libcFunction } from './libc.ts'

const O_CLOEXEC = 0o2_000_000
const AF_UNIX = 1
const SOCKET_TYPES = { stream: 1, seqpacket: 5 } as const

const pair = new Int32Array(new ArrayBuffer(8))

/**
 * Both ends are close-on-exec.
 * @throws {KernelError}
 * @see pipe2(2)
 */
export function pipe(): { read: number; write: number } {
  if (pipe2()(pair, O_CLOEXEC) < 0) throw callFailed('pipe2', 'ends')
  const [read, write] = ends()
  return { read, write }
}

/**
 * Two connected Unix sockets, close-on-exec. A `seqpacket` keeps the borders of messages.
 * @throws {KernelError}
 * @see socketpair(2)
 */
export function socketPair(type: keyof typeof SOCKET_TYPES): [number, number] {
  if (socketpair()(AF_UNIX, SOCKET_TYPES[type] | O_CLOEXEC, 0, pair) < 0) throw callFailed('socketpair', type)
  return ends()
}

function ends(): [number, number] {
  const [first, second] = pair
  return [first as number, second as number]
}

const pipe2 = libcFunction<(ends: Int32Array, flags: number) => number>('pipe2', 'int', ['void *', 'int'])
const socketpair = libcFunction<(domain: number, type: number, protocol: number, ends: Int32Array) => number>('socketpair', 'int', [
  'int',
  'int',
  'int',
  'void *',
])
