import type { ContainerRecord, CreateContainerOptions } from './container-record.ts'
import type { ContainerState } from './container-state.ts'

/** The containers of this store, running or not. */
export interface Containers {
  /**
   * Makes a bundle's directory (upper/, work/, rootfs/, container.json) and gives the container its name.
   * The container is this process's until writeState says that it runs or has stopped, remove, or the process's end: until then prune leaves it alone.
   * @throws {StoreError} `NAME_TAKEN`, `INVALID_NAME`, `NOT_FOUND` when the image has been removed meanwhile, `NO_SPACE`, ...
   */
  create(options?: CreateContainerOptions): Promise<ContainerRecord>
  /** By id, name, or the beginning of an id. @throws {StoreError} `AMBIGUOUS_ID` */
  find(idOrName: string): Promise<ContainerRecord | undefined>
  /** @throws {StoreError} as find, and `NOT_FOUND` */
  get(idOrName: string): Promise<ContainerRecord>
  /** Newest first. */
  list(): Promise<ContainerRecord[]>
  /** Removes the bundle, the name and the run directory; not the cgroup. It may be gone already. Gives the bytes freed. */
  remove(id: string): Promise<number>
  /** `undefined` when the container was never started, or not since the machine's boot. */
  readState(id: string): Promise<ContainerState | undefined>
  writeState(id: string, state: ContainerState): Promise<void>
}
