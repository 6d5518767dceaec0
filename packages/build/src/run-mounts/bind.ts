import { closeSync, openSync } from 'node:fs'
import { chmod, chown, copyFile, mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { OPEN_FLAGS, openBeneath, ownerHere } from '@gocker/kernel'
import type { MountRequest } from '@gocker/run'
import type { Scratch } from '../stage/scratch.ts'
import { takeAttributes } from '../stage/take-attributes.ts'
import { makeMask } from './mask.ts'
import { mergedDirectories } from './merged-directories.ts'
import type { BindMount } from './mount.ts'
import type { MountFiles } from './mount-files.ts'
import type { PlannedMount } from './planned.ts'

/**
 * Files of the context, a stage or an image in their place. They are not copied: a directory of several layers, or one of which something
 * is left out, is an overlay; what is written goes into a directory above it, and is thrown away.
 */
export function planBind({ readOnly, ...mount }: BindMount, destination: string, files: MountFiles): PlannedMount {
  return {
    inputs: { ...mount, readOnly, destination, files: files.fingerprint },
    async open(scratch) {
      const place = { destination, readOnly, scratch }
      return { mounts: [await (files.entry.type === 'directory' ? bindDirectory(files, place) : bindFile(files, place))] }
    },
  }
}

interface Placing {
  readonly destination: string
  readonly readOnly: boolean
  readonly scratch: Scratch
}

async function bindFile({ place, entry }: MountFiles, { destination, readOnly, scratch }: Placing): Promise<MountRequest> {
  const { root, hasPath } = await rootOf(place, entry.path)
  if (readOnly && hasPath) return plainBind(join(root, entry.path), destination, readOnly)
  const copy = join(await scratch.directory(), 'file')
  await copyFileBeneath(root, entry.path, copy)
  await chown(copy, ...ownerHere(entry.uid, entry.gid))
  // A change of owner takes set-user-ID away.
  await chmod(copy, entry.mode)
  return plainBind(copy, destination, readOnly)
}

/** Where a file can be read, and whether that is a path for the container, too: a file of an image has none that lasts. */
async function rootOf(place: MountFiles['place'], path: string): Promise<{ root: string; hasPath: boolean }> {
  if (place.kind === 'context') return { root: await realpath(place.directory), hasPath: true }
  const holder = place.holder(path) ?? 0
  const root = place.readable[holder] ?? ''
  return { root, hasPath: root === place.directories[holder] }
}

/** Whoever swaps a directory above it for a symlink meanwhile gets nothing from elsewhere. */
async function copyFileBeneath(root: string, path: string, to: string): Promise<void> {
  const directory = openSync(root, OPEN_FLAGS.O_PATH | OPEN_FLAGS.O_DIRECTORY)
  try {
    const file = openBeneath(directory, path, OPEN_FLAGS.O_RDONLY | OPEN_FLAGS.O_NOFOLLOW | OPEN_FLAGS.O_NONBLOCK)
    try {
      await copyFile(`/proc/self/fd/${file}`, to)
    } finally {
      closeSync(file)
    }
  } finally {
    closeSync(directory)
  }
}

async function bindDirectory(files: MountFiles, { destination, readOnly, scratch }: Placing): Promise<MountRequest> {
  const readable = await stackOf(files, scratch)
  const [first = ''] = readable
  const lowers = inLayers(readable, files.place)
  if (!readOnly) return { type: 'overlay', lowers, upper: await discarded(first, scratch), destination }
  if (lowers.length === 1 && files.place.kind === 'context') return plainBind(first, destination, readOnly)
  // One alone would be no overlay, and could show what hides files of the layers below it.
  return { type: 'overlay', lowers: lowers.length === 1 ? [...lowers, await scratch.directory()] : lowers, destination }
}

/** The directories that make the one which is wanted, the top first. */
async function stackOf({ place, tree, entry: { path } }: MountFiles, scratch: Scratch): Promise<readonly string[]> {
  if (place.kind === 'layers') return mergedDirectories(place.readable, path)
  const { all } = place
  const directory = await realpath(place.directory)
  const mask = join(await scratch.directory(), 'mask')
  const isMasked = makeMask(path, mask, { directory, all, visible: tree })
  return isMasked ? [mask, join(directory, path)] : [join(directory, path)]
}

/** Their paths in the container's mounts, where each layer is where its directory is. */
function inLayers(paths: readonly string[], place: MountFiles['place']): readonly string[] {
  if (place.kind === 'context') return paths
  const { directories, readable } = place
  return paths.map((path) => {
    const layer = readable.findIndex((root) => path === root || path.startsWith(`${root}/`))
    return `${directories[layer]}${path.slice(readable[layer]?.length)}`
  })
}

async function discarded(below: string, scratch: Scratch): Promise<{ directory: string; work: string }> {
  const room = await scratch.directory()
  const [directory, work] = [join(room, 'upper'), join(room, 'work')]
  await mkdir(directory)
  await mkdir(work)
  takeAttributes(below, directory)
  return { directory, work }
}

/** Whoever puts a symlink into the context while it is built does not lead out of it. */
function plainBind(source: string, destination: string, readOnly: boolean): MountRequest {
  const propagation = 'rprivate'
  return { type: 'bind', source, destination, readOnly, recursive: true, propagation, createSource: false, noSymlinks: true }
}
