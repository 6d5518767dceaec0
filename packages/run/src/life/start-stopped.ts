import { existsSync, readFileSync } from 'node:fs'
import type { RuntimeSpec } from '@gocker/oci'
import { type ContainerRecord, type Store, writeFileAtomic } from '@gocker/store'
import { RunError } from '../error.ts'
import { writeFiles } from '../files/write.ts'
import { makeRoomAboveImages, placeMounts } from '../volumes/image-mounts.ts'
import type { ContainerParts } from './container.ts'
import { optionsOf } from './settings.ts'
import { settleEnd } from './settle.ts'
import { wakeNoMore } from './sleeper.ts'
import { type DetachedOptions, startDetached } from './start-detached.ts'
import { containerStatus } from './status.ts'

/**
 * Starts a container that was made before, or has ended. One that runs is left as it is.
 * @throws {RunError} `PAUSED`, and as `Container.start`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function startStopped(store: Store, idOrName: string, options: DetachedOptions): Promise<void> {
  const { id } = await store.containers.get(idOrName)
  await store.containers.hold(id, async () => {
    const record = await store.containers.get(id)
    await settleEnd(store, record)
    await wakeNoMore(store, record)
    const { status } = await containerStatus(store, record)
    if (status === 'running') return
    if (status === 'paused')
      throw new RunError('PAUSED', `starting container ${record.name}: it is paused`, { hint: `gocker unpause ${record.name}` })
    await startHeld(store, record, options)
  })
}

/** Starts a container that does not run and is held. */
export async function startHeld(store: Store, record: ContainerRecord, options: DetachedOptions): Promise<void> {
  const wasStarted = existsSync(store.paths.bundle(record.id).started)
  try {
    await startDetached(await partsOf(store, record), options)
  } catch (error) {
    if (wasStarted) await writeFailure(store, record, error)
    throw error
  }
}

/** What its record and its files say; those that tell of the host and the network are made anew. */
async function partsOf(store: Store, record: ContainerRecord): Promise<ContainerParts> {
  const bundle = store.paths.bundle(record.id)
  const options = optionsOf(store, record)
  const spec = JSON.parse(readFileSync(bundle.config, 'utf8')) as RuntimeSpec
  writeFiles(bundle, spec.hostname ?? '', options)
  const lowers = store.layers.stack(record.image?.layers ?? [])
  const places = { store, bundle, images: record.mountedImages ?? [] }
  const mounts = placeMounts(options.mounts, places)
  await makeRoomAboveImages(options.mounts, places)
  return { store, record, spec, mounts, options, stack: { lowers, upper: bundle.upper, work: bundle.work, config: {} } }
}

/** What the last start came to, where it came to nothing. */
async function writeFailure(store: Store, { id }: ContainerRecord, error: unknown): Promise<void> {
  const code = error instanceof RunError ? error.exitCode : 128
  await writeFileAtomic(store.paths.bundle(id).exit, JSON.stringify({ code, finishedAt: new Date().toISOString() }))
}
