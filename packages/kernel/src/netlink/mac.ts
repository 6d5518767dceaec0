import { KernelError } from '../error.ts'

/**
 * @param text `02:42:ac:12:00:02`
 * @throws {KernelError} `EINVAL`
 */
export function parseMac(text: string): Buffer {
  if (/^[\da-f]{2}(:[\da-f]{2}){5}$/i.test(text)) return Buffer.from(text.replaceAll(':', ''), 'hex')
  throw new KernelError('EINVAL', `reading MAC address ${JSON.stringify(text)}: EINVAL (expected 02:42:ac:12:00:02)`, {
    syscall: 'netlink',
  })
}

export function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}
