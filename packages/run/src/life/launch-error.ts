import type { LaunchFailure } from '@gocker/kernel'
import { RunError } from '../error.ts'
import { EXECUTE, NOT_ALLOWED, NOT_FOUND } from '../program/execute.ts'

const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  ENOEXEC: 'exec format error',
  ELOOP: 'too many levels of symbolic links',
}

/** Rows that fail where the kernel is older than they are. */
const NEEDED: Readonly<Record<string, string>> = {
  mount_setattr: 'read-only binds need Linux 5.12',
  open_tree: 'binds need Linux 5.2',
  move_mount: 'binds need Linux 5.2',
  fsconfig: 'so many layers need Linux 6.5',
  openat2: 'gocker needs Linux 5.6',
  close_range: 'gocker needs Linux 5.9',
}

/** Says what a row's failure means to who wanted to run a command. */
export function launchError({ name, call, errno, text }: LaunchFailure, args: readonly string[]): RunError {
  const command = JSON.stringify(args[0])
  if (name === NOT_FOUND) return new RunError('NOT_FOUND_IN_CONTAINER', `exec: ${command}: executable file not found in $PATH`)
  if (name === NOT_ALLOWED) return new RunError('CANNOT_INVOKE', `exec: ${command}: permission denied`)
  if (name.startsWith(EXECUTE)) {
    const code = errno === 'ENOENT' ? 'NOT_FOUND_IN_CONTAINER' : 'CANNOT_INVOKE'
    return new RunError(code, `exec: ${command}: ${TEXTS[errno] ?? errno}`)
  }
  const hint = errno === 'ENOSYS' ? NEEDED[call] : undefined
  return new RunError('LAUNCH_FAILED', `starting the container: ${text}`, hint === undefined ? {} : { hint })
}
