import { inUserNamespace } from '../door/user-namespace.ts'
import { applyResources } from './apply.ts'
import { type Cgroup, openIn } from './cgroup.ts'
import { placeControllers } from './controllers.ts'
import { makeDirectory, removeNow } from './directories.ts'
import { cannotHold } from './files.ts'
import { type Hierarchy, readHierarchies } from './hierarchies.ts'
import { checkPath } from './path.ts'
import type { Resources } from './resources.ts'
import { inheritCpuset } from './v1/cpuset.ts'
import { enableController } from './v2/subtree-control.ts'

export interface CgroupOptions {
  /** Below the root of every tree: `/gocker/<id>`. */
  readonly path: string
  readonly resources: Resources
}

/**
 * Makes a cgroup with its limits in every tree that is mounted, for an ordinary user in those that are his; nothing is left of it when that fails. An empty one that is there already is made anew.
 * @throws {KernelError} `UNSUPPORTED` for a limit that nothing here can hold, `EBUSY` when the path has processes in it
 * @see cgroups(7)
 */
export async function createCgroup({ path, resources }: CgroupOptions): Promise<Cgroup> {
  checkPath(path)
  const hierarchies = readHierarchies()
  if (hierarchies.length === 0 && !inUserNamespace()) throw cannotHold('cgroup', 'no cgroup tree is mounted here')
  placeControllers(resources, hierarchies)
  const made: Hierarchy[] = []
  try {
    for (const hierarchy of hierarchies) {
      makeDirectory(`${hierarchy.mountPoint}${path}`, hierarchy.mountPoint)
      made.push(hierarchy)
      prepare(path, hierarchy)
    }
    enableCounting(path, hierarchies)
    applyResources(path, resources, hierarchies)
  } catch (error) {
    unmake(path, made)
    throw error
  }
  return openIn(path, hierarchies)
}

function prepare(path: string, { controllers, mountPoint, version }: Hierarchy): void {
  if (version === 'v1' && controllers.includes('cpuset')) inheritCpuset(`${mountPoint}${path}`, mountPoint)
}

/** v2 counts what a container uses only where the controller is given to it. Nobody asked for that, so it may fail. */
function enableCounting(path: string, hierarchies: readonly Hierarchy[]): void {
  for (const { controller, hierarchy } of placeControllers({}, hierarchies)) {
    if (hierarchy.version === 'v1' || controller.stats === undefined) continue
    try {
      enableController(controller.name, `${hierarchy.mountPoint}${path}`, hierarchy.mountPoint)
    } catch {
      // A limit that needs it will say why.
    }
  }
}

function unmake(path: string, hierarchies: readonly Hierarchy[]): void {
  for (const { mountPoint } of hierarchies) removeNow(`${mountPoint}${path}`)
}
