import { KernelError } from '../../error.ts'

/** An answer that breaks the format: of a kernel that we do not know, or of bytes that no kernel wrote. */
export function malformed(why: string): KernelError {
  return new KernelError('EBADMSG', `reading a netlink message: EBADMSG (${why})`, { syscall: 'netlink' })
}
