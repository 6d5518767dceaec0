import { chown, copyFile, mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { ownerHere } from '@gocker/kernel'
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
  const root = place.kind === 'context' ? await realpath(place.directory) : place.directories[place.holder(entry.path) ?? 0]
  const source = join(root ?? '', entry.path)
  if (readOnly) return plainBind(source, destination, readOnly)
  const copy = join(await scratch.directory(), 'file')
  await copyFile(source, copy)
  await chown(copy, ...ownerHere(entry.uid, entry.gid))
  return plainBind(copy, destination, readOnly)
}

async function bindDirectory(files: MountFiles, { destination, readOnly, scratch }: Placing): Promise<MountRequest> {
  const lowers = await stackOf(files, scratch)
  const [first = ''] = lowers
  if (!readOnly) return { type: 'overlay', lowers, upper: await discarded(first, scratch), destination }
  if (lowers.length === 1 && files.place.kind === 'context') return plainBind(first, destination, readOnly)
  // One alone would be no overlay, and could show what hides files of the layers below it.
  return { type: 'overlay', lowers: lowers.length === 1 ? [...lowers, await scratch.directory()] : lowers, destination }
}

/** The directories that make the one which is wanted, the top first. */
async function stackOf({ place, tree, entry: { path } }: MountFiles, scratch: Scratch): Promise<readonly string[]> {
  if (place.kind === 'layers') return mergedDirectories(place.directories, path)
  const { all } = place
  const directory = await realpath(place.directory)
  const mask = join(await scratch.directory(), 'mask')
  const isMasked = makeMask(path, mask, { directory, all, visible: tree })
  return isMasked ? [mask, join(directory, path)] : [join(directory, path)]
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
