import { closeSync, openSync, readSync } from 'node:fs'

/**
 * `bytes` random bytes in hex digits, of the kernel's own: node:crypto costs milliseconds to load.
 * @see urandom(4)
 */
export function randomHex(bytes: number): string {
  const buffer = Buffer.alloc(bytes)
  const fd = openSync('/dev/urandom', 'r')
  try {
    readSync(fd, buffer)
  } finally {
    closeSync(fd)
  }
  return buffer.toString('hex')
}
