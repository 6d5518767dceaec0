import { closeSync, fstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { canShareImages, copyMounted, type ImageMount, KernelError, openImage } from '@gocker/kernel'
import { isAlive, type ProcessIdentity } from './container-state.ts'
import { hasErrno, StoreError } from './error.ts'
import type { StorePaths } from './paths.ts'

/** A layer's image, mounted nowhere. */
export interface LayerMount {
  readonly directory: string
  /** Of its root; open as long as this is not let go. */
  readonly fd: number
  /** To be called once. */
  letGo(): void
}

/** Milliseconds. A container is made, which reads its layers, and then started, which stacks them. */
const MOMENT = 500

interface Mounted {
  readonly fd: number
  users: number
  idle?: NodeJS.Timeout
}

/** This process's own, by the image's path. */
const mounted = new Map<string, Mounted>()

/**
 * Mounts a layer's image nowhere. Each mount has pages of its own in memory: so it is one that this process has already, or a copy of a running
 * container's, where there is one.
 * @throws {KernelError}; {StoreError} `PERMISSION` where this process must not mount
 */
export function mountLayer(paths: StorePaths, { image, directory }: ImageMount): LayerMount {
  if (!canShareImages()) {
    const fd = mountAnew(image)
    return { directory, fd, letGo: () => closeSync(fd) }
  }
  const known = mounted.get(image) ?? { fd: copyOfHolders(paths, directory) ?? mountAnew(image), users: 0 }
  mounted.set(image, known)
  clearTimeout(known.idle)
  known.users++
  return { directory, fd: known.fd, letGo: () => letGo(image, known) }
}

function mountAnew(image: string): number {
  try {
    return openImage(image)
  } catch (cause) {
    if (!(cause instanceof KernelError) || cause.code !== 'EPERM') throw cause
    const hint = 'only root mounts what root has pulled: use sudo, or a store of your own, whose layers are directories'
    throw new StoreError('PERMISSION', `reading a layer: ${cause.message}`, { cause, hint })
  }
}

function letGo(image: string, known: Mounted): void {
  known.users--
  if (known.users > 0) return
  known.idle = setTimeout(() => {
    mounted.delete(image)
    closeSync(known.fd)
  }, MOMENT).unref()
}

/**
 * Writes down which mounts a process has, for those who come later. When the process ends, they go, and whoever finds that out takes the name away.
 * @param numbers of the same mounts there, in their order
 */
export function announceMounts(
  paths: StorePaths,
  holder: ProcessIdentity,
  mounts: readonly (readonly [mount: LayerMount, fd: number])[],
): void {
  if (!canShareImages()) return
  for (const [{ directory, fd }, number] of mounts) {
    const holders = holdersOf(paths, directory)
    mkdirSync(holders, { recursive: true })
    noteHolder(`${holders}/${holder.pid}-${holder.startTime}-${number}-${fstatSync(fd).dev}`)
  }
}

function noteHolder(file: string): void {
  try {
    writeFileSync(file, '')
  } catch (error) {
    // The layer has been removed meanwhile: nobody will ask.
    if (!hasErrno(error, 'ENOENT')) throw error
  }
}

/** Names of files: the process, when it began, its descriptor, and the device that the mounted image is. */
export function holdersOf({ layers, layerMounts }: StorePaths, directory: string): string {
  return `${layerMounts}${directory.slice(layers.length)}`
}

function copyOfHolders(paths: StorePaths, directory: string): number | undefined {
  const holders = holdersOf(paths, directory)
  for (const name of namesIn(holders)) {
    const [pid = 0, startTime = 0, fd = 0, device = 0] = name.split('-').map(Number)
    const copy = isAlive({ pid, startTime }) ? copyOf(`/proc/${pid}/fd/${fd}`, device) : undefined
    if (copy !== undefined) return copy
    rmSync(`${holders}/${name}`, { force: true })
  }
  return undefined
}

/** Nothing where the descriptor is gone, or another one by now. */
function copyOf(path: string, device: number): number | undefined {
  let copy: number
  try {
    copy = copyMounted(path)
  } catch (error) {
    if (error instanceof KernelError) return undefined
    throw error
  }
  if (fstatSync(copy).dev === device) return copy
  closeSync(copy)
  return undefined
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return []
    throw error
  }
}
