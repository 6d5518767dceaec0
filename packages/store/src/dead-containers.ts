import { pruneCgroup } from './container-cgroup.ts'
import { type ContainerRecord, containerIds, passOverCorrupt, readRecord } from './container-record.ts'
import { removeContainer } from './container-removal.ts'
import { type ContainerState, isAlive, readContainerState } from './container-state.ts'
import { unless } from './error.ts'
import { recordEvent } from './events.ts'
import { takeOver } from './held.ts'
import type { StorePaths } from './paths.ts'
import type { Pruning } from './pruning.ts'
import { readdir, stat } from './quick-files.ts'
import { removeTree } from './tree.ts'

/**
 * Removes what is left of containers whose process is gone: the cgroup always; the container itself when it was to go with its process,
 * when its record is damaged, or when it is unwanted. A container that some gocker is about to start is held by it, and left alone.
 */
export async function pruneContainers(pruning: Pruning, isUnwanted: (stopped: ContainerRecord) => boolean): Promise<void> {
  for (const id of await containerIds(pruning.paths)) await pruneContainer(pruning, id, isUnwanted)
  for (const id of await runIds(pruning.paths)) await pruneRunDirectory(pruning, id)
}

async function pruneContainer(pruning: Pruning, id: string, isUnwanted: (stopped: ContainerRecord) => boolean): Promise<void> {
  const { paths, remove } = pruning
  const claim = await takeOver(paths.containerDir(id))
  if (claim === undefined) return
  try {
    const state = await stateOf(paths, id)
    if (isSomebodys(state)) return
    await pruneCgroup(pruning, id, state)
    const record = await readRecord(paths, id).catch(passOverCorrupt)
    if (record !== undefined && !record.remove && !isUnwanted(record)) return
    await remove('container', record?.name ?? id, async () => {
      const freed = await removeContainer(paths, id)
      await recordEvent({ paths }, { type: 'container', action: 'destroy', id, attributes: attributesOf(record) })
      return freed
    })
  } finally {
    await claim.close()
  }
}

function attributesOf(record: ContainerRecord | undefined): Record<string, string> {
  if (record === undefined) return {}
  const { name, image, labels } = record
  return { ...labels, ...(image !== undefined && { image: image.name }), name }
}

async function pruneRunDirectory(pruning: Pruning, id: string): Promise<void> {
  const { paths, remove } = pruning
  if ((await stat(paths.containerDir(id)).catch(unless('ENOENT'))) !== undefined) return
  const state = await stateOf(paths, id)
  if (isSomebodys(state)) return
  await pruneCgroup(pruning, id, state)
  await remove('run-directory', id, () => removeTree(paths.runDir(id)))
}

/** It runs, somebody is cleaning up after it, or it is to be started again. */
function isSomebodys(state: ContainerState | undefined): boolean {
  if (state === undefined) return false
  return [state, state.monitor, state.sleeper].some((process) => process !== undefined && isAlive(process))
}

async function runIds(paths: StorePaths): Promise<string[]> {
  const names = (await readdir(paths.run).catch(unless('ENOENT'))) ?? []
  return names.filter((name) => /^[0-9a-f]{64}$/.test(name))
}

async function stateOf(paths: StorePaths, id: string): Promise<ContainerState | undefined> {
  return await readContainerState(paths, id).catch(passOverCorrupt)
}
