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
  return treeSource(directory, { owners: 'source', isArchive: true })
}
