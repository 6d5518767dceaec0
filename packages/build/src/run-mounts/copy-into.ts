import { chmod, chown } from 'node:fs/promises'
import { ownerHere } from '@gocker/kernel'
import { walk } from '../context/tree.ts'
import type { LayerThreads } from '../layer-thread/layer-threads.ts'
import type { MountFiles } from './mount-files.ts'

/** Copies a directory of the context, a stage or an image into an empty one. */
export async function copyInto(
  directory: string,
  { place, tree, entry }: MountFiles,
  { threads, signal }: { threads: LayerThreads; signal: AbortSignal },
): Promise<void> {
  const isContext = place.kind === 'context'
  const above = entry.path === '' ? 0 : entry.path.length + 1
  const items = walk(tree, entry.path).map((entry) => ({
    entry,
    root: isContext ? 0 : (place.holder(entry.path) ?? 0),
    below: entry.path.slice(above),
  }))
  const overlay = { lowers: [], upper: directory, work: '', target: '' }
  const roots = isContext ? [place.directory] : place.directories
  const sources = [{ name: '', items, owners: isContext ? 'root' : 'source' } as const]
  await threads.copy({ overlay, roots, sources, inline: [], destination: '/', workdir: '/' }, signal)
  await chown(directory, ...ownerHere(isContext ? 0 : entry.uid, isContext ? 0 : entry.gid))
  await chmod(directory, entry.mode)
}
