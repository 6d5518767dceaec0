import { KernelError } from '../error.ts'
import { libcFunction } from './libc.ts'

// Calls that not every C library has a function for. Those above 423 have one number everywhere.
const NUMBERS = {
  memfd_create: { x64: 319, arm64: 279 },
  bpf: { x64: 321, arm64: 280 },
  pidfd_send_signal: { x64: 424, arm64: 424 },
  open_tree: { x64: 428, arm64: 428 },
  move_mount: { x64: 429, arm64: 429 },
  fsopen: { x64: 430, arm64: 430 },
  fsconfig: { x64: 431, arm64: 431 },
  fsmount: { x64: 432, arm64: 432 },
  pidfd_open: { x64: 434, arm64: 434 },
  close_range: { x64: 436, arm64: 436 },
  openat2: { x64: 437, arm64: 437 },
  pidfd_getfd: { x64: 438, arm64: 438 },
  mount_setattr: { x64: 442, arm64: 442 },
} as const

const SHAPES = {
  memfd_create: ['str', 'uint'],
  bpf: ['int', 'void *', 'uint'],
  pidfd_send_signal: ['int', 'int', 'void *', 'uint'],
  open_tree: ['int', 'str', 'uint'],
  move_mount: ['int', 'str', 'int', 'str', 'uint'],
  fsopen: ['str', 'uint'],
  fsconfig: ['int', 'uint', 'str', 'str', 'int'],
  fsmount: ['int', 'uint', 'uint'],
  pidfd_open: ['int', 'uint'],
  close_range: ['uint', 'uint', 'uint'],
  openat2: ['int', 'str', 'void *', 'size_t'],
  pidfd_getfd: ['int', 'int', 'uint'],
  mount_setattr: ['int', 'str', 'uint', 'void *', 'size_t'],
} as const

type Argument = string | number | bigint | Uint8Array | null
type SystemCall = (number: number, ...args: Argument[]) => number

/**
 * A system call by its number.
 * @returns what syscall(2) returns: -1 on failure, and the errno is the door's to read
 * @see syscall(2)
 */
export function systemCall(name: keyof typeof NUMBERS): (...args: Argument[]) => number {
  const bound = libcFunction<SystemCall>('syscall', 'long', ['long', ...SHAPES[name]])
  return (...args) => bound()(callNumber(name), ...args)
}

function callNumber(name: keyof typeof NUMBERS): number {
  const { arch } = process
  if (arch === 'x64' || arch === 'arm64') return NUMBERS[name][arch]
  throw new KernelError('UNSUPPORTED', `${name}: gocker knows system call numbers of x64 and arm64, not of ${arch}`, { syscall: name })
}
