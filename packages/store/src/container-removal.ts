import { dropName } from './container-name.ts'
import { passOverCorrupt, readRecord } from './container-record.ts'
import { withLock } from './lock.ts'
import { moveToTrash } from './move.ts'
import type { StorePaths } from './paths.ts'
import { removeTree } from './tree.ts'

/**
 * Removes a container's bundle, name and run directory, in the order in which a half done removal is found again: names first, then content.
 * @returns the bytes freed
 */
export async function removeContainer(paths: StorePaths, id: string): Promise<number> {
  const trash = await withLock(paths.lock('containers'), 'exclusive', async () => {
    const record = await readRecord(paths, id).catch(passOverCorrupt)
    const trash = await moveToTrash(paths, paths.containerDir(id))
    if (record !== undefined) await dropName(paths, record.name, id)
    return trash
  })
  const freedAtRun = await removeTree(paths.runDir(id))
  return freedAtRun + ((await trash?.empty()) ?? 0)
}
