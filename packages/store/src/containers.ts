import { constants } from 'node:fs'
import { basename } from 'node:path'
import { writeFileAtomic } from './atomic-file.ts'
import { changeRecord, type RecordChange } from './container-change.ts'
import { releaseClaim, takeClaim } from './container-claims.ts'
import { type CreateContainerOptions, createContainer } from './container-create.ts'
import { containerNamed } from './container-name.ts'
import { type ContainerRecord, containerIds, listRecords, readRecord } from './container-record.ts'
import { removeContainer } from './container-removal.ts'
import { type ContainerState, readContainerState } from './container-state.ts'
import { doing, hasErrno, StoreError } from './error.ts'
import { openLocked } from './lock.ts'
import type { StorePaths } from './paths.ts'
import { mkdir } from './quick-files.ts'

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY

/** The containers of this store, running or not. */
export interface Containers {
  /**
   * Makes a bundle's directory (upper/, work/, rootfs/, container.json) and gives the container its name.
   * The container is this process's until writeState says that it runs or has stopped, remove, or the process's end: until then prune leaves it alone.
   * @throws {StoreError} `NAME_TAKEN`, `INVALID_NAME`, `NOT_FOUND` when the image has been removed meanwhile, `NO_SPACE`, ...
   */
  create(options?: CreateContainerOptions): Promise<ContainerRecord>
  /** By id, name, or the beginning of an id. @throws {StoreError} `AMBIGUOUS_ID`, `CORRUPT` */
  find(idOrName: string): Promise<ContainerRecord | undefined>
  /** @throws {StoreError} as find, and `NOT_FOUND` */
  get(idOrName: string): Promise<ContainerRecord>
  /** Newest first; passes over containers whose record is damaged, which prune removes. */
  list(): Promise<ContainerRecord[]>
  /**
   * Runs `work` while no other process starts, stops, changes or removes this container, and prune leaves it alone. Not re-entrant.
   * What was read of the container before may be out of date by then.
   * @throws {StoreError} `NOT_FOUND` when it is gone; the signal's reason; what `work` throws
   */
  hold<T>(id: string, work: () => Promise<T>, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>
  /**
   * Changes what a record says, to be called while the container is held. A new name is the container's as soon as the record says so.
   * @throws {StoreError} `NAME_TAKEN`, `INVALID_NAME`, `NOT_FOUND`
   */
  change(id: string, change: RecordChange): Promise<ContainerRecord>
  /** Removes the bundle, the name and the run directory; not the cgroup. It may be gone already. Gives the bytes freed. */
  remove(id: string): Promise<number>
  /** `undefined` when the container was never started, or not since the machine's boot. */
  readState(id: string): Promise<ContainerState | undefined>
  writeState(id: string, state: ContainerState): Promise<void>
}

export function openContainers(paths: StorePaths): Containers {
  const find = (idOrName: string) => findContainer(paths, idOrName)
  return {
    create: (options = {}) => doing('creating a container', () => createContainer(paths, options)),
    find,
    async get(idOrName) {
      const record = await find(idOrName)
      if (record !== undefined) return record
      throw new StoreError('NOT_FOUND', `finding container ${idOrName}: there is none`, { hint: 'gocker ps -a lists the containers' })
    },
    list: async () => (await listRecords(paths)).sort((a, b) => (a.created < b.created ? 1 : -1)),
    hold: (id, work, { signal } = {}) => holdContainer(paths.containerDir(id), work, signal),
    change: (id, change) => doing(`changing container ${id}`, () => changeRecord(paths, id, change)),
    async remove(id) {
      const freed = await doing(`removing container ${id}`, () => removeContainer(paths, id))
      await releaseClaim(paths.containerDir(id))
      return freed
    },
    readState: (id) => readContainerState(paths, id),
    async writeState(id, state) {
      await doing(`writing the state of container ${id}`, () => mkdir(paths.runDir(id), { recursive: true, mode: 0o711 }))
      await writeFileAtomic(paths.stateFile(id), JSON.stringify(state, undefined, 1), { sync: false })
      if (state.status === 'running' || state.status === 'stopped') await releaseClaim(paths.containerDir(id))
    },
  }
}

async function holdContainer<T>(dir: string, work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  // Who has just made it holds it already.
  const handle = takeClaim(dir) ?? (await openLocked(dir, { flags: DIRECTORY, signal }).catch(goneIfMissing(dir)))
  try {
    return await work()
  } finally {
    await handle.close()
  }
}

function goneIfMissing(dir: string): (error: unknown) => never {
  return (error) => {
    if (!hasErrno(error, 'ENOENT')) throw error
    throw new StoreError('NOT_FOUND', `working on container ${basename(dir)}: it has been removed`)
  }
}

/** In docker's order: the whole id, the name, the beginning of an id. */
async function findContainer(paths: StorePaths, idOrName: string): Promise<ContainerRecord | undefined> {
  if (/^[0-9a-f]{64}$/.test(idOrName)) return await readRecord(paths, idOrName)
  return (await containerNamed(paths, idOrName)) ?? (await containerBeginningWith(paths, idOrName))
}

async function containerBeginningWith(paths: StorePaths, prefix: string): Promise<ContainerRecord | undefined> {
  if (!/^[0-9a-f]{1,63}$/.test(prefix)) return undefined
  const [id, ...others] = (await containerIds(paths)).filter((id) => id.startsWith(prefix))
  if (others.length === 0) return id === undefined ? undefined : await readRecord(paths, id)
  throw new StoreError('AMBIGUOUS_ID', `finding container ${prefix}: ${others.length + 1} containers have an id that begins so`, {
    hint: 'give more digits of the id',
  })
}
