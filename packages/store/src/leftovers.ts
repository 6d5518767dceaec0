import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { isTemporarySibling } from './atomic-file.ts'
import { containerNamed } from './container-name.ts'
import { containerIds } from './container-record.ts'
import { unless } from './error.ts'
import { takeOver } from './held.ts'
import { IMAGE_SUFFIX } from './layer-images.ts'
import { withLock } from './lock.ts'
import type { StorePaths } from './paths.ts'
import type { Pruning } from './pruning.ts'
import { readdir, rm } from './quick-files.ts'
import { removeTree } from './tree.ts'

/** Removes what its maker has not finished and does not hold any more. */
export async function pruneTemporaries({ paths, remove }: Pruning): Promise<void> {
  for (const path of await temporaries(paths)) await remove('temporary', path, () => removeUnheld(path))
}

/** Removes what is known of volumes that never came to be, or are gone. */
export async function pruneVolumeFacts({ paths, remove }: Pruning): Promise<void> {
  for (const file of await entries(paths.volumes)) {
    const [, name] = /^\.([a-zA-Z0-9].*)\.json$/.exec(file) ?? []
    if (name === undefined || lstatSync(paths.volume(name), { throwIfNoEntry: false }) !== undefined) continue
    await withLock(paths.lock(`volume-${name}`), 'exclusive', async () => {
      // Somebody may have been making it.
      if (lstatSync(paths.volume(name), { throwIfNoEntry: false }) !== undefined) return
      await remove('temporary', paths.volumeFacts(name), () => removeTree(paths.volumeFacts(name)))
    })
  }
}

/** Removes the images of layers that never came to be, or are gone. */
export async function pruneLayerImages({ paths, remove }: Pruning): Promise<void> {
  const work = async () => {
    for (const algorithm of await entries(paths.layers)) {
      const directory = join(paths.layers, algorithm)
      const names = new Set(await entries(directory))
      for (const name of names) {
        const isAlone = name.endsWith(IMAGE_SUFFIX) && !names.has(name.slice(0, -IMAGE_SUFFIX.length))
        if (isAlone) await remove('temporary', join(directory, name), () => removeTree(join(directory, name)))
      }
    }
  }
  await withLock(paths.lock('layer-forms'), 'exclusive', work, { transient: true })
}

/** Removes the lock files that a killed process had no time to remove. */
export async function pruneLocks({ paths, remove }: Pruning): Promise<void> {
  for (const name of await entries(paths.locks))
    if (TRANSIENT.test(name)) await remove('lock', name, () => removeUnheld(join(paths.locks, name)))
}

/** Of layers that come, and of steps that builds take. */
const TRANSIENT = /^(?:layer|step)-/

/** Removes the names of containers that never came to be, or are gone. */
export async function pruneNames({ paths, remove }: Pruning): Promise<void> {
  await withLock(paths.lock('containers'), 'exclusive', async () => {
    for (const name of await entries(paths.names))
      await remove('name', name, async () => {
        if ((await containerNamed(paths, name)) !== undefined) return undefined
        await rm(join(paths.names, name), { force: true })
        return 0
      })
  })
}

async function temporaries(paths: StorePaths): Promise<string[]> {
  const [algorithms, containers, running] = await Promise.all([entries(paths.layers), containerIds(paths), entries(paths.run)])
  const siblings = [
    paths.root,
    paths.volumes,
    paths.buildCaches,
    paths.networks,
    paths.fileDigestCaches,
    ...algorithms.map((algorithm) => join(paths.layers, algorithm)),
    ...containers.map((id) => paths.containerDir(id)),
    ...running.map((id) => join(paths.run, id)),
  ]
  const found = (await entries(paths.temporary)).map((name) => join(paths.temporary, name))
  for (const directory of siblings)
    found.push(...(await entries(directory)).filter(isTemporarySibling).map((name) => join(directory, name)))
  return found
}

/** @returns `undefined` when somebody is at work on it */
async function removeUnheld(path: string): Promise<number | undefined> {
  const handle = await takeOver(path)
  if (handle === undefined) return undefined
  try {
    return await removeTree(path)
  } finally {
    await handle.close()
  }
}

async function entries(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(unless('ENOENT', 'ENOTDIR'))) ?? []
}
