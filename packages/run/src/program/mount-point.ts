import { slot, struct, value } from '@gocker/kernel'
import { AT_FDCWD, HOLD_DIRECTORY, mode, OPEN_HOW_SIZE, RESOLVE_NO_SYMLINKS, TOUCH } from './constants.ts'
import type { Plan } from './plan.ts'

export interface MountPointOptions {
  /** Errors to pass over, beside that it is there already. */
  readonly pass?: readonly string[]
  readonly isolates?: string
}

/** A directory and all above it, where they are missing. */
export function makeDirectory({ program }: Plan, path: string, { pass = [], isolates }: MountPointOptions = {}): void {
  const group = isolates === undefined ? {} : { isolates }
  for (const directory of ancestors(path)) {
    const args = [AT_FDCWD, directory, mode(0o755)]
    program.row({ name: `make directory ${directory}`, call: 'mkdirat', args, pass: ['EEXIST', ...pass], ...group })
  }
}

/** An empty file, where there is none; what is wrong otherwise shows when it is mounted on. */
export function makeFile(plan: Plan, path: string, options: MountPointOptions): void {
  makeDirectory(plan, path.slice(0, path.lastIndexOf('/')), options)
  plan.program.row({ name: `make file ${path}`, call: 'openat', args: [AT_FDCWD, path, TOUCH, mode(0o755)], pass: 'any' })
}

/** /proc and /sys must be where they say they are: an image's symlink could move the kernel's files to where nothing is masked (CVE-2019-19921). */
export function requireRealDirectory({ program }: Plan, path: string): void {
  const directory = slot('directory')
  const how = struct([HOLD_DIRECTORY, 0, RESOLVE_NO_SYMLINKS])
  program.row({ name: `see that ${path} is no symlink`, call: 'openat2', args: [AT_FDCWD, path, how, OPEN_HOW_SIZE], result: directory })
  program.row({ name: `let go of ${path}`, call: 'close', args: [value(directory)] })
}

/** `/a`, `/a/b`, `/a/b/c` of the last. */
function ancestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
