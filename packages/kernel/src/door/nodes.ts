import { callFailed, cString, libcFunction, type Path } from './libc.ts'

/**
 * Makes a device, a fifo, a socket or an empty file. The umask applies.
 * @param mode the kind (`S_IFCHR`, ...) and the permissions
 * @param device of {@link makeDevice}; 0 where the kind is no device
 * @throws {KernelError}
 * @see mknod(2)
 */
export function mknod(path: Path, mode: number, device: bigint): void {
  if (mknodCall()(cString(path), mode, device) < 0) throw callFailed('mknod', `${path}`)
}

/** A device's number as the kernel passes it to programs. @see makedev(3) */
export function makeDevice(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)]
  return ((high & ~0xfffn) << 32n) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | (low & 0xffn)
}

export function deviceMajor(device: bigint): number {
  return Number(((device >> 32n) & 0xffff_f000n) | ((device >> 8n) & 0xfffn))
}

export function deviceMinor(device: bigint): number {
  return Number(((device >> 12n) & 0xffff_ff00n) | (device & 0xffn))
}

const mknodCall = libcFunction<(path: Path, mode: number, device: bigint) => number>('mknod', 'int', ['str', 'uint', 'ulong'])
