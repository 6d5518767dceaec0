/** What the kernel refused, or what this kernel cannot do. */
export class KernelError extends Error {
  override readonly name = 'KernelError'
  /** The errno's name (`EPERM`, ...), or `UNSUPPORTED` where the kernel was not even asked. */
  readonly code: string
  /** The system call or the facility: `mount`, `cgroup memory`, ... */
  readonly syscall: string
  readonly hint: string | undefined

  constructor(code: string, message: string, options: { syscall: string; hint?: string; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = code
    this.syscall = options.syscall
    this.hint = options.hint
  }
}
