import { callFailed, libcFunction } from './libc.ts'
import { systemCall } from './system-call.ts'

const FIRST = 3
const LAST = 0xffff_ffff
const CLOSE_RANGE_CLOEXEC = 4
const F_SETFD = 2

/**
 * Keeps for this process alone what it was started with beside stdin, stdout and stderr: what it starts from now on gets only what it is given.
 * @throws {KernelError}
 * @see close_range(2)
 */
export function keepDescriptors(): void {
  if (closeRange(FIRST, LAST, CLOSE_RANGE_CLOEXEC) < 0) throw callFailed('close_range', 'close-on-exec')
}

const closeRange = systemCall('close_range')

/**
 * Lets what takes this process's place, or is started by it, have a descriptor under its number.
 * @throws {KernelError}
 * @see fcntl(2), F_SETFD
 */
export function keepOverExec(descriptor: number): void {
  if (fcntl()(descriptor, F_SETFD, 0) < 0) throw callFailed('fcntl', `descriptor ${descriptor}`)
}

const fcntl = libcFunction<(fd: number, command: number, value: number) => number>('fcntl', 'int', ['int', 'int', 'long'])
