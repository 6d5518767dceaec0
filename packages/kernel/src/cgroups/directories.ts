import { mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelError } from '../error.ts'
import { cgroupFailed } from './files.ts'

// About ten seconds in all.
const REMOVAL_PAUSES = [1, 2, 4, 8, 16, 32, ...Array.from({ length: 200 }, () => 50)]
const MAKING_ATTEMPTS = 16

/**
 * Makes a cgroup of one tree, and those above it. What an earlier container of the same path left there goes first: its counters and limits too.
 * @throws {KernelError} `EBUSY` when processes are still in it
 */
export function makeDirectory(directory: string, mountPoint: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      mkdirSync(directory)
      return
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (attempt === MAKING_ATTEMPTS || (code !== 'ENOENT' && code !== 'EEXIST'))
        throw cgroupFailed(`making cgroup ${directory}`, 'mkdir', error)
      // The parent stays from the first container on, unless a prune takes it away.
      if (code === 'ENOENT') makeParents(dirname(directory), mountPoint)
      else if (!removeNow(directory)) throw stillBusy(directory)
    }
  }
}

/**
 * Removes a cgroup with those that were made inside it, as soon as all are empty.
 * @throws {KernelError} `EBUSY` when they are not after ten seconds
 */
export async function removeDirectory(directory: string): Promise<void> {
  for (const pause of REMOVAL_PAUSES) {
    if (removeNow(directory)) return
    await sleep(pause)
  }
  if (!removeNow(directory)) throw stillBusy(directory)
}

/** @returns false when processes are in it, or in a cgroup that was made inside it */
export function removeNow(directory: string): boolean {
  return tryRemove(directory) || directoriesBelow(directory).every(tryRemove)
}

/** A cgroup and all below it, children first. */
export function directoriesBelow(directory: string): string[] {
  return [...childrenOf(directory).flatMap(directoriesBelow), directory]
}

/** What goes wrong here, the next attempt tells. */
function makeParents(directory: string, mountPoint: string): void {
  if (directory === mountPoint) return
  makeParents(dirname(directory), mountPoint)
  try {
    mkdirSync(directory)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST' && code !== 'ENOENT') throw cgroupFailed(`making cgroup ${directory}`, 'mkdir', error)
  }
}

/** @returns false when it is in use */
export function tryRemove(directory: string): boolean {
  try {
    rmdirSync(directory)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false
    throw cgroupFailed(`removing cgroup ${directory}`, 'rmdir', error)
  }
}

function childrenOf(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${directory}/${name}`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENODEV') return []
    throw cgroupFailed(`listing cgroup ${directory}`, 'readdir', error)
  }
}

function stillBusy(directory: string): KernelError {
  return new KernelError('EBUSY', `removing cgroup ${directory}: EBUSY (there are still processes in it)`, { syscall: 'cgroup rmdir' })
}
