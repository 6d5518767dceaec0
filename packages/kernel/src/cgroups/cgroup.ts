import { existsSync } from 'node:fs'
import { inUserNamespace } from '../door/user-namespace.ts'
import { applyResources } from './apply.ts'
import { type Placement, placeControllers } from './controllers.ts'
import { directoriesBelow, removeDirectory, tryRemove } from './directories.ts'
import { readCgroupFile } from './files.ts'
import { freezerOf, setFrozen } from './freezer.ts'
import { type Hierarchy, mountedHierarchies, readHierarchies } from './hierarchies.ts'
import { killCgroup } from './kill.ts'
import { checkPath } from './path.ts'
import { listProcesses, PROCS_FILE, TASKS_FILE } from './processes.ts'
import type { Resources } from './resources.ts'
import type { CgroupStats } from './stats.ts'
import { type CgroupView, viewsOf } from './views.ts'

/**
 * How a process of one thread enters one of the trees. Moving a whole process waits until every processor has noticed, some 10 ms; moving
 * the thread that asks, by v1's `tasks`, waits for nobody, and neither does being made inside, by v2's directory and CLONE_INTO_CGROUP.
 * @see clone(2)
 */
export interface CgroupEntry {
  readonly hierarchy: 'v1' | 'v2'
  readonly directory: string
  /** Who writes `0` enters. */
  readonly file: string
  /** As `/proc/<pid>/cgroup` names it. */
  readonly path: string
}

/** A container's place in every cgroup tree of this machine. */
export interface Cgroup {
  readonly path: string
  /** The files into which a process writes `0` to enter: one for each tree, v2's last. */
  readonly procsFiles: readonly string[]
  /** The quick ways in, for a process of one thread. */
  readonly entries: readonly CgroupEntry[]
  /** What to mount for the container to see its own cgroups. */
  readonly views: readonly CgroupView[]
  /**
   * Changes what is named and leaves the rest; device rules replace those before.
   * @throws {KernelError} as {@link createCgroup} does
   */
  update(resources: Resources): Promise<void>
  /** @throws {KernelError} `ETIMEDOUT` */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Whether {@link freeze} was called last; false where nothing can freeze, and for a cgroup that is gone. */
  isFrozen(): boolean
  /**
   * Ends every process inside, frozen ones too, and waits until they are gone.
   * @throws {KernelError} `EBUSY` when one is not gone after five seconds
   */
  kill(): Promise<void>
  /** Whether the kernel has killed a process inside for want of memory. */
  oomKilled(): Promise<boolean>
  stats(): Promise<CgroupStats>
  /**
   * Removes it from every tree. Does nothing when it is gone already; the parent, which containers share, stays.
   * @throws {KernelError} `EBUSY` when processes are inside for ten more seconds
   */
  remove(): Promise<void>
  /** Removes it from those trees where neither a process nor another cgroup is in it. */
  removeIfEmpty(): void
  /** As this PID namespace numbers them. */
  processes(): Promise<number[]>
}

/**
 * A cgroup by its path, whether it is there or not: what is left of a dead container can be removed so.
 * @throws {KernelError} `EINVAL` for a path that is none
 */
export function openCgroup(path: string): Cgroup {
  checkPath(path)
  return openIn(path, readHierarchies())
}

export function openIn(path: string, hierarchies: readonly Hierarchy[]): Cgroup {
  return new MountedCgroup(path, hierarchies)
}

class MountedCgroup implements Cgroup {
  readonly path: string
  readonly #hierarchies: readonly Hierarchy[]

  constructor(path: string, hierarchies: readonly Hierarchy[]) {
    this.path = path
    this.#hierarchies = hierarchies
  }

  get procsFiles(): string[] {
    return this.#directories.map((directory) => `${directory}/${PROCS_FILE}`)
  }

  get entries(): CgroupEntry[] {
    return this.#hierarchies.map((hierarchy) => {
      const directory = this.#directoryIn(hierarchy)
      const file = `${directory}/${hierarchy.version === 'v1' ? TASKS_FILE : PROCS_FILE}`
      return { hierarchy: hierarchy.version, directory, file, path: `${hierarchy.part ?? ''}${this.path}` }
    })
  }

  get views(): CgroupView[] {
    // Whom no tree belongs to may look at them all the same.
    return viewsOf(inUserNamespace() ? mountedHierarchies() : this.#hierarchies)
  }

  async update(resources: Resources): Promise<void> {
    applyResources(this.path, resources, this.#hierarchies)
  }

  async freeze(): Promise<void> {
    await setFrozen(freezerOf(this.path, this.#hierarchies), true)
  }

  async thaw(): Promise<void> {
    await setFrozen(freezerOf(this.path, this.#hierarchies), false)
  }

  isFrozen(): boolean {
    const place = freezerOf(this.path, this.#hierarchies)
    return place?.freezer.isFrozen((file) => readCgroupFile(place.directory, file)) ?? false
  }

  async kill(): Promise<void> {
    await killCgroup(this.path, this.#hierarchies)
  }

  async oomKilled(): Promise<boolean> {
    return this.#placements().some(
      ({ controller: { oomKills }, hierarchy }) =>
        oomKills !== undefined &&
        directoriesBelow(this.#directoryIn(hierarchy)).some((each) => oomKills((file) => readCgroupFile(each, file)) > 0),
    )
  }

  async stats(): Promise<CgroupStats> {
    const parts = this.#placements().map(({ controller, hierarchy }) => {
      const directory = this.#directoryIn(hierarchy)
      return controller.stats?.((file) => readCgroupFile(directory, file)) ?? {}
    })
    return Object.assign({}, ...parts)
  }

  async remove(): Promise<void> {
    for (const directory of this.#directories) await removeDirectory(directory)
  }

  removeIfEmpty(): void {
    for (const directory of this.#directories.filter((each) => existsSync(each))) tryRemove(directory)
  }

  async processes(): Promise<number[]> {
    return listProcesses(this.#directories)
  }

  get #directories(): string[] {
    return this.#hierarchies.map((hierarchy) => this.#directoryIn(hierarchy))
  }

  #directoryIn({ mountPoint }: Hierarchy): string {
    return `${mountPoint}${this.path}`
  }

  #placements(): Placement[] {
    return placeControllers({}, this.#hierarchies)
  }
}
