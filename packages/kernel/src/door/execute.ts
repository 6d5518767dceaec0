import { addressOf, callFailed, cString, libcFunction } from './libc.ts'

export interface ExecuteOptions {
  readonly path: string
  /** The first is the name that ps(1) shows. */
  readonly args: readonly string[]
  /** `NAME=value` */
  readonly env: readonly string[]
}

/**
 * Puts a program into the place of this one: this process goes on as that, with its pid, its terminal and its descriptors but for the
 * close-on-exec ones. Returns only by throwing.
 * @throws {KernelError}
 * @see execve(2)
 */
export function execute({ path, args, env }: ExecuteOptions): never {
  const [vector, variables] = [pointers(args), pointers(env)]
  execve()(cString(path), vector.bytes, variables.bytes)
  throw callFailed('execve', path)
}

/** A vector of pointers to texts, which live as long as `texts` does. */
export function pointers(texts: readonly string[]): { bytes: Buffer; texts: Buffer[] } {
  const kept = texts.map((text) => Buffer.from(`${text}\0`))
  const bytes = Buffer.alloc(8 * (texts.length + 1))
  for (const [index, text] of kept.entries()) bytes.writeBigUInt64LE(addressOf(text), 8 * index)
  return { bytes, texts: kept }
}

const execve = libcFunction<(path: string | Buffer, args: Uint8Array, env: Uint8Array) => number>('execve', 'int', [
  'str',
  'void *',
  'void *',
])
