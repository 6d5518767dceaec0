import type { TreeEntry } from '../context/tree.ts'
import type { AddedSources } from './added.ts'
import { archivePacking, unpackArchive } from './archive.ts'
import { treeSource } from './tree-source.ts'

/**
 * What an archive holds, unpacked; each file belongs to whom the archive says.
 * @param directory empty
 * @returns `undefined` when the file is no archive
 */
export async function addArchive(
  path: string,
  { directory, signal }: { directory: string; signal: AbortSignal },
): Promise<AddedSources | undefined> {
  const packing = await archivePacking(path)
  if (packing === undefined) return undefined
  await unpackArchive(path, { packing, directory, signal })
  return treeSource(directory, { owners: 'source', isArchive: true, shown: checkedEntry })
}

/** Unpacked as a layer, `.wh.name` has become what hides `name`: in an archive to add it would be a file like others. */
function checkedEntry(entry: TreeEntry): TreeEntry {
  if (entry.type !== 'character' || entry.device?.[0] !== 0 || entry.device[1] !== 0) return entry
  throw new Error(`the archive hides ${entry.path}, as only a layer can`)
}
