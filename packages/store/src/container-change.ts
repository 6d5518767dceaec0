import { writeFileAtomic } from './atomic-file.ts'
import { checkContainerName, dropName, takeName } from './container-name.ts'
import { type ContainerRecord, readRecord, recordText } from './container-record.ts'
import { StoreError } from './error.ts'
import { withLock } from './lock.ts'
import type { StorePaths } from './paths.ts'

/** What may be changed of a container that is there. */
export type RecordChange = Partial<Pick<ContainerRecord, 'name' | 'options'>>

/** Containers.change: the new name is taken before the record says it, and the old one given back after: killed between, prune finds a name too many. */
export async function changeRecord(paths: StorePaths, id: string, change: RecordChange): Promise<ContainerRecord> {
  if (change.name !== undefined) checkContainerName(change.name)
  return await withLock(paths.lock('containers'), 'exclusive', async () => {
    const before = await readRecord(paths, id)
    if (before === undefined) throw new StoreError('NOT_FOUND', `changing container ${id}: there is none`)
    const after = { ...before, ...change }
    const isRenamed = after.name !== before.name
    if (isRenamed && !(await takeName(paths, after.name, id))) throw nameTaken(before.name, after.name)
    await writeFileAtomic(paths.bundle(id).record, recordText(after))
    if (isRenamed) await dropName(paths, before.name, id)
    return after
  })
}

function nameTaken(from: string, to: string): StoreError {
  return new StoreError('NAME_TAKEN', `renaming container ${from} to ${to}: another container has this name`, {
    hint: `remove it with gocker rm ${to}, or choose another name`,
  })
}
