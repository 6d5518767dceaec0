import { MOUNT_FLAGS, parseMountOptions, type Slot, slot, value } from '@gocker/kernel'
import type { RuntimeMount } from '@gocker/oci'
import { AT_FDCWD, CLONE_TREE, HOLD_DIRECTORY, MOVE_OPENED, mountFlags } from './constants.ts'
import type { Plan } from './plan.ts'

const { MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_REMOUNT } = MOUNT_FLAGS

/**
 * The host's null device, once for each path that may have to be masked by it: the container's own could be a symlink
 * by the time it is used (CVE-2025-31133).
 */
export function takeMasks({ program, spec }: Plan): void {
  for (const path of spec.linux.maskedPaths ?? [])
    program.row({
      name: `take /dev/null for ${path}`,
      call: 'open_tree',
      args: [AT_FDCWD, '/dev/null', CLONE_TREE],
      result: maskOf(path),
      isolates: 'from the host: its null device, to hide files of the kernel with',
    })
}

/** Directories are covered with an empty one, files with the null device; this kernel may have neither. */
export function mask({ program, spec }: Plan): void {
  const directory = slot('directory')
  for (const path of spec.linux.maskedPaths ?? []) {
    const [file, done] = [`${path} is no directory`, `${path} is hidden`]
    program.row({
      name: `see whether ${path} is a directory`,
      call: 'openat',
      args: [AT_FDCWD, path, HOLD_DIRECTORY],
      result: directory,
      pass: ['ENOENT', 'ENOTDIR'],
      onError: file,
      isolates: 'hidden: what tells of the host',
    })
    program.row({ name: `close ${path}`, call: 'close', args: [value(directory)] })
    const flags = mountFlags(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    program.row({ name: `hide directory ${path}`, call: 'mount', args: ['tmpfs', path, 'tmpfs', flags, 'nr_inodes=1,nr_blocks=1'] })
    program.jump(done)
    program.label(file)
    const args = [value(maskOf(path)), '', AT_FDCWD, path, MOVE_OPENED]
    program.row({ name: `hide file ${path}`, call: 'move_mount', args, pass: ['ENOENT', 'ENOTDIR'] })
    program.label(done)
  }
}

/** Each bound on itself, since only a mount can be read-only. */
export function readOnlyPaths({ program, spec }: Plan): void {
  for (const path of spec.linux.readonlyPaths ?? []) {
    const next = `after ${path}`
    program.row({
      name: `bind ${path} on itself`,
      call: 'mount',
      args: [path, path, 0, mountFlags(MS_BIND | MS_REC), 0],
      pass: ['ENOENT', 'ENOTDIR'],
      onError: next,
      isolates: 'read-only: settings of the kernel',
    })
    // A remount sets all flags anew: those of the file system around have to stay.
    const flags = mountFlags(flagsAround(path, spec.mounts) | MS_BIND | MS_REMOUNT | MS_RDONLY)
    program.row({ name: `make ${path} read-only`, call: 'mount', args: [0, path, 0, flags, 0] })
    program.label(next)
  }
}

function maskOf(path: string): Slot {
  return slot(`mask of ${path}`)
}

function flagsAround(path: string, mounts: readonly RuntimeMount[]): number {
  const around = mounts.filter(({ destination }) => path === destination || path.startsWith(`${destination}/`))
  const nearest = around.sort((a, b) => b.destination.length - a.destination.length)[0]
  return nearest === undefined ? 0 : parseMountOptions(nearest.options ?? []).flags & ~(MS_BIND | MS_REC)
}
