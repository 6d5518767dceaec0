import { type LaunchProgram, type Operand, type Slot, shown, slot, struct, value } from '@gocker/kernel'
import { AT_FDCWD, HOLD, HOLD_DIRECTORY, mode, OPEN_HOW_SIZE, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, TOUCH } from './constants.ts'
import type { PlanWith } from './plan.ts'

export interface MountPointOptions {
  /** Errors to pass over, beside that it is there already. */
  readonly pass?: readonly string[]
  readonly isolates?: string
}

type Group = Pick<MountPointOptions, 'isolates'>

const DIRECTORY_MODE = 0o755
/** struct statfs, whose first word is the kind of file system. @see statfs(2) */
const fileSystem = slot('kind of file system', 120)
const PROC_SUPER_MAGIC = shown(0x9fa0, 'PROC_SUPER_MAGIC')

/**
 * A directory and all above it, where they are missing. No symlink of the image leads through a descriptor of this program's to where that
 * is from: `/link/made`, where link is `/proc/self/fd/7`.
 */
export function makeDirectory({ program }: PlanWith, path: string, { pass = [], isolates }: MountPointOptions = {}): void {
  const group = isolates === undefined ? {} : { isolates }
  for (const directory of ancestors(path))
    inParent(program, directory, group, (parent, name) => {
      const args = [parent, name, mode(DIRECTORY_MODE)]
      program.row({ name: `make directory ${directory}`, call: 'mkdirat', args, pass: ['EEXIST', ...pass], ...group })
    })
}

/** An empty file, where there is none; what is wrong otherwise shows when it is mounted on. */
export function makeFile(plan: PlanWith, path: string, options: MountPointOptions): void {
  makeDirectory(plan, path.slice(0, path.lastIndexOf('/')), options)
  const how = struct([TOUCH, DIRECTORY_MODE, RESOLVE_NO_MAGICLINKS])
  plan.program.row({ name: `make file ${path}`, call: 'openat2', args: [AT_FDCWD, path, how, OPEN_HOW_SIZE], pass: 'any' })
}

/**
 * Rows that do something in the directory above `path`, which is told by a descriptor, and nothing has to be told where it is the root.
 * @param act is given the directory, and the name in it
 */
export function inParent(program: LaunchProgram, path: string, group: Group, act: (parent: Operand, name: string) => void): void {
  const slash = path.lastIndexOf('/')
  if (slash <= 0) {
    act(AT_FDCWD, path)
    return
  }
  const above = path.slice(0, slash)
  const parent = slot('directory above')
  const how = struct([HOLD_DIRECTORY, 0, RESOLVE_NO_MAGICLINKS])
  program.row({ name: `find ${above}`, call: 'openat2', args: [AT_FDCWD, above, how, OPEN_HOW_SIZE], result: parent, ...group })
  act(value(parent), path.slice(slash + 1))
  program.row({ name: `let go of ${above}`, call: 'close', args: [value(parent)] })
}

/**
 * Takes hold of where something of the user's is to be mounted, wherever symlinks of the image's lead to: but not through a descriptor, and not
 * into /proc, where it would hide what this program or others in the container ask the kernel by (CVE-2019-16884, CVE-2025-52881).
 */
export function holdMountPoint({ program }: PlanWith, path: string): Slot {
  const held = slot('mount point')
  const how = struct([HOLD, 0, RESOLVE_NO_MAGICLINKS])
  program.row({ name: `find ${path}`, call: 'openat2', args: [AT_FDCWD, path, how, OPEN_HOW_SIZE], result: held })
  // Who writes /proc means it: a runtime's caller may.
  if (path === '/proc' || path.startsWith('/proc/')) return held
  const fine = program.freshLabel(`${path} is not in /proc`)
  program.row({ name: `see what ${path} is in`, call: 'fstatfs', args: [value(held), fileSystem] })
  program.compare({ name: 'is it /proc?', a: value(fileSystem), b: PROC_SUPER_MAGIC, onNegative: fine, onPositive: fine })
  program.row({ name: `refuse ${path}, which leads into /proc`, call: 'chdir', args: ['(/proc)'] })
  program.label(fine)
  return held
}

export function letGoOfMountPoint({ program }: PlanWith, held: Slot, path: string): void {
  program.row({ name: `let go of ${path}`, call: 'close', args: [value(held)] })
}

/**
 * Goes to where the kernel's own is to be mounted: /proc and /sys must be where they say they are, since an image's symlink could move the
 * kernel's files to where nothing is masked (CVE-2019-19921, CVE-2023-28642). What is mounted on `.` then is where it was found to be.
 */
export function goToRealDirectory({ program }: PlanWith, path: string): void {
  const directory = slot('directory')
  const how = struct([HOLD_DIRECTORY, 0, RESOLVE_NO_SYMLINKS])
  program.row({ name: `see that ${path} is no symlink`, call: 'openat2', args: [AT_FDCWD, path, how, OPEN_HOW_SIZE], result: directory })
  program.row({ name: `go to ${path}`, call: 'fchdir', args: [value(directory)] })
  program.row({ name: `let go of ${path}`, call: 'close', args: [value(directory)] })
}

/** Rows that stop the program unless a descriptor is of a /proc of the kernel's, with nothing mounted over it. */
export function requireProc({ program }: PlanWith, held: Slot): void {
  const fine = program.freshLabel('it is /proc')
  program.row({ name: 'see what /proc is', call: 'fstatfs', args: [value(held), fileSystem] })
  program.compare({ name: "is it the kernel's?", a: value(fileSystem), b: PROC_SUPER_MAGIC, onZero: fine })
  program.row({ name: "refuse a /proc that is not the kernel's", call: 'chdir', args: ['(no /proc)'] })
  program.label(fine)
}

/** `/a`, `/a/b`, `/a/b/c` of the last. */
function ancestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
