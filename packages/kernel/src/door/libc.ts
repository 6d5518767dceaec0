import { lstatSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Koffi from 'koffi'
import { KernelError } from '../error.ts'
import { errnoName, errnoText } from './errno.ts'

/** A path as the kernel takes it: any bytes but NUL. A string is its UTF-8. */
export type Path = string | Buffer

type Argument = 'int' | 'uint' | 'long' | 'ulong' | 'int64' | 'size_t' | 'str' | 'void *'

let koffi: typeof Koffi | undefined
let library: ReturnType<typeof Koffi.load> | undefined

/**
 * A function of the C library, bound at its first use: loading koffi costs milliseconds, and most
 * commands need none or few. A `str` takes a string, or a Buffer that ends in NUL.
 */
export function libcFunction<Call extends (...args: never[]) => number>(
  name: string,
  result: 'int' | 'uint' | 'long',
  parameters: readonly Argument[],
): () => Call {
  let bound: Call | undefined
  return () => {
    bound ??= libc().func(name, result, [...parameters]) as unknown as Call
    return bound
  }
}

/** The address of memory that JavaScript keeps alive, for structures that point to it. */
export function addressOf(memory: Uint8Array): bigint {
  return loadKoffi().address(memory)
}

/** Of the call made last by this thread. */
export function lastErrno(): number {
  return loadKoffi().errno()
}

/** The error of the call made last: `<call> <what>: EPERM (operation not permitted)`. */
export function callFailed(syscall: string, what: string): KernelError {
  return errnoFailed(lastErrno(), syscall, what)
}

/** The same for an errno that has been read already. */
export function errnoFailed(errno: number, syscall: string, what: string): KernelError {
  const code = errnoName(errno)
  return new KernelError(code, `${syscall} ${what}: ${code} (${errnoText(errno)})`, { syscall })
}

/**
 * What to pass for a `str` parameter.
 * @throws {KernelError} `EINVAL` for a path with a NUL inside: the kernel would see a shorter one
 */
export function cString(path: Path): Path {
  if (!path.includes('\0')) return typeof path === 'string' ? path : Buffer.concat([path, NUL])
  throw new KernelError('EINVAL', `reading path ${JSON.stringify(path.toString())}: EINVAL (a NUL inside)`, { syscall: 'path' })
}

const NUL = Buffer.alloc(1)

// The process itself, not a file's name: glibc and musl alike.
function libc(): ReturnType<typeof Koffi.load> {
  library ??= loadKoffi().load(null)
  return library
}

/**
 * Koffi's main module wraps the native one in names that we do not use, its package for a machine asks which C library there is, and finding
 * both by Node's rules takes as long as loading the native module itself: so that is looked for first where npm and pnpm put it.
 */
function loadKoffi(): typeof Koffi {
  if (koffi !== undefined) return koffi
  koffi = loadNative() ?? (createRequire(import.meta.url)('koffi') as typeof Koffi)
  return koffi
}

/** @returns undefined where it is not so: with another C library, built on this machine instead of fetched, or installed in another way */
function loadNative(): typeof Koffi | undefined {
  const machine = `${process.platform}-${process.arch}`
  const native = `@koromix/koffi-${machine}/${machine.replace('-', '_')}/koffi.node`
  try {
    const module = { exports: {} }
    process.dlopen(module, join(besideKoffi(), native))
    return module.exports as typeof Koffi
  } catch {
    return undefined
  }
}

/** The directory that has koffi and, beside it, what koffi depends on. @throws as node:fs does */
function besideKoffi(): string {
  const above = (directory: string): string => {
    const found = lstatSync(join(directory, 'node_modules/koffi'), { throwIfNoEntry: false })
    return found !== undefined || directory === '/' ? join(directory, 'node_modules/koffi') : above(dirname(directory))
  }
  return dirname(realpathSync(above(dirname(fileURLToPath(import.meta.url)))))
}
