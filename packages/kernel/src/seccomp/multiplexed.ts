const SOCKETCALLS = [
  ...['socket', 'bind', 'connect', 'listen', 'accept', 'getsockname', 'getpeername', 'socketpair', 'send', 'recv'],
  ...['sendto', 'recvfrom', 'shutdown', 'setsockopt', 'getsockopt', 'sendmsg', 'recvmsg', 'accept4', 'recvmmsg', 'sendmmsg'],
]

const IPC_CALLS = {
  ...{ semop: 1, semget: 2, semctl: 3, semtimedop: 4 },
  ...{ msgsnd: 11, msgrcv: 12, msgget: 13, msgctl: 14 },
  ...{ shmat: 21, shmdt: 22, shmget: 23, shmctl: 24 },
}

/** The other way to a system call: through one that takes its sub-function as first argument. */
export interface Detour {
  readonly call: 'socketcall' | 'ipc'
  readonly subFunction: number
}

/**
 * How 32-bit x86 programs also reach a call.
 * @see https://man7.org/linux/man-pages/man2/socketcall.2.html
 * @see https://man7.org/linux/man-pages/man2/ipc.2.html
 */
export function detourOf(name: string): Detour | undefined {
  return DETOURS.get(name)
}

const DETOURS: ReadonlyMap<string, Detour> = new Map<string, Detour>([
  ...SOCKETCALLS.map((name, index): [string, Detour] => [name, { call: 'socketcall', subFunction: index + 1 }]),
  ...Object.entries(IPC_CALLS).map(([name, subFunction]): [string, Detour] => [name, { call: 'ipc', subFunction }]),
])
