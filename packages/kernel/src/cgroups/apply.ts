import { inUserNamespace } from '../door/user-namespace.ts'
import { type Placement, placeControllers } from './controllers.ts'
import { cannotHold, readCgroupFile, writeCgroupFile } from './files.ts'
import { type Hierarchy, homeOf } from './hierarchies.ts'
import type { Resources } from './resources.ts'
import { filterDevices } from './v2/device-filter.ts'
import { enableController } from './v2/subtree-control.ts'
import { unifiedControllers, unifiedSettings } from './v2/unified.ts'

/**
 * Writes what is asked into the files of a cgroup that is there.
 * @throws {KernelError} `UNSUPPORTED` for a limit that nothing here can hold, before anything is written where that is known
 */
export function applyResources(path: string, resources: Resources, hierarchies: readonly Hierarchy[]): void {
  const placements = placeControllers(resources, hierarchies)
  for (const placement of placements) applyPart(path, resources, placement)
  applyUnified(path, resources, hierarchies)
  applyDeviceFilter(path, resources, hierarchies)
}

function applyPart(path: string, resources: Resources, { controller, hierarchy, isAsked }: Placement): void {
  const directory = `${hierarchy.mountPoint}${path}`
  if (hierarchy.version === 'v2' && isAsked) enableController(controller.name, directory, hierarchy.mountPoint)
  const settings = controller.settings?.(resources, (file) => readCgroupFile(directory, file)) ?? []
  for (const setting of settings) writeCgroupFile(directory, setting)
}

function applyUnified(path: string, resources: Resources, hierarchies: readonly Hierarchy[]): void {
  const settings = unifiedSettings(resources)
  if (settings.length === 0) return
  const { mountPoint } = v2Tree('unified', hierarchies)
  const directory = `${mountPoint}${path}`
  for (const controller of unifiedControllers(resources)) {
    if (homeOf(controller, 'v2', hierarchies) !== undefined) enableController(controller, directory, mountPoint)
  }
  for (const setting of settings) writeCgroupFile(directory, setting)
}

// v1 has a controller for devices; v2 asks a program.
function applyDeviceFilter(path: string, { devices = [] }: Resources, hierarchies: readonly Hierarchy[]): void {
  // In a user namespace nobody can make a device, and nobody there may say who uses one.
  if (inUserNamespace() || devices.length === 0 || homeOf('devices', 'v1', hierarchies) !== undefined) return
  filterDevices(`${v2Tree('devices', hierarchies).mountPoint}${path}`, devices)
}

function v2Tree(controller: string, hierarchies: readonly Hierarchy[]): Hierarchy {
  const tree = hierarchies.find(({ version }) => version === 'v2')
  if (tree === undefined) throw cannotHold(controller, 'no cgroup v2 tree is mounted here')
  return tree
}
