import { KernelError } from '../error.ts'

/** What launch programs can be made for, in Node's words. */
export type Architecture = 'x64' | 'arm64'

/** @throws {KernelError} `UNSUPPORTED` where gocker has no machine code for this machine */
export function hostArchitecture(): Architecture {
  const { arch } = process
  if (arch === 'x64' || arch === 'arm64') return arch
  throw new KernelError('UNSUPPORTED', `launching on ${arch}: gocker has machine code for x64 and arm64 only`, { syscall: 'launch' })
}
