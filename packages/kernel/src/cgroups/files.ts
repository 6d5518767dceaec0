import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { errnoNumber, errnoText } from '../door/errno.ts'
import { inUserNamespace } from '../door/user-namespace.ts'
import { KernelError } from '../error.ts'
import type { Setting } from './controller.ts'
import { DELEGATION_HINT } from './delegated.ts'

/** @returns the trimmed text; undefined where there is no such file, or no such cgroup any more */
export function readCgroupFile(directory: string, file: string): string | undefined {
  try {
    return readFileSync(`${directory}/${file}`, 'latin1').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENODEV') return undefined
    throw cgroupFailed(`reading ${file} of cgroup ${directory}`, file, error)
  }
}

/**
 * @throws {KernelError} `UNSUPPORTED` where this kernel has no such file, so that a limit is never quietly left out
 */
export function writeCgroupFile(directory: string, { file, value }: Setting): void {
  try {
    // Neither created nor truncated: the kernel's file is there or it is not.
    const fd = openSync(`${directory}/${file}`, constants.O_WRONLY)
    try {
      writeSync(fd, value)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noSuchFile(directory, file, value)
    throw cgroupFailed(`writing ${JSON.stringify(value)} to ${file} of cgroup ${directory}`, file, error)
  }
}

/** An error of the file system in the words of this package: `<doing what>: EPERM (operation not permitted)`. */
export function cgroupFailed(doing: string, file: string, cause: unknown): KernelError {
  const { code = 'EIO' } = cause as NodeJS.ErrnoException
  const text = errnoText(errnoNumber(code) ?? 0)
  return new KernelError(code, `${doing}: ${code} (${text})`, { syscall: `cgroup ${controllerOf(file)}`, cause, ...hintOf(code) })
}

/** A limit that was asked and that nothing here can hold. */
export function cannotHold(controller: string, why: string): KernelError {
  return new KernelError('UNSUPPORTED', `limiting ${controller}: ${why}`, {
    syscall: `cgroup ${controller}`,
    ...(inUserNamespace() && { hint: DELEGATION_HINT }),
  })
}

function noSuchFile(directory: string, file: string, value: string): KernelError {
  return cannotHold(controllerOf(file), `no file ${file} in cgroup ${directory} to write ${JSON.stringify(value)} to`)
}

function controllerOf(file: string): string {
  return basename(file).split('.')[0] as string
}

function hintOf(code: string): { hint?: string } {
  if (code === 'EROFS') return { hint: 'the cgroups of this machine are mounted read-only, as in a container without privileges' }
  if (code === 'EACCES') return { hint: `this user owns no part of the cgroup tree; ${DELEGATION_HINT}` }
  return {}
}
