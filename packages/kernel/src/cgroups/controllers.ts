import { inUserNamespace } from '../door/user-namespace.ts'
import type { Controller } from './controller.ts'
import { cpuset } from './cpuset.ts'
import { cannotHold } from './files.ts'
import { type Hierarchy, homeOf } from './hierarchies.ts'
import { pids } from './pids.ts'
import type { Resources } from './resources.ts'
import { blkioV1 } from './v1/blkio.ts'
import { cpuV1 } from './v1/cpu.ts'
import { cpuacctV1 } from './v1/cpuacct.ts'
import { devicesV1 } from './v1/devices.ts'
import { hugetlbV1 } from './v1/hugetlb.ts'
import { memoryV1 } from './v1/memory.ts'
import { cpuV2 } from './v2/cpu.ts'
import { hugetlbV2 } from './v2/hugetlb.ts'
import { ioV2 } from './v2/io.ts'
import { memoryV2 } from './v2/memory.ts'

/** A part of what can be asked, and who holds it in either version. */
interface Part {
  readonly v1?: Controller
  readonly v2?: Controller
  /** Whether a limit is asked that must be held. */
  readonly isAsked: (resources: Resources) => boolean
}

/** A controller and the tree that it works in here. */
export interface Placement {
  readonly controller: Controller
  readonly hierarchy: Hierarchy
  readonly isAsked: boolean
}

const PARTS: readonly Part[] = [
  { v1: memoryV1, v2: memoryV2, isAsked: asksMemory },
  { v1: cpuV1, v2: cpuV2, isAsked: asksCpu },
  { v1: cpuacctV1, isAsked: () => false },
  { v1: cpuset, v2: cpuset, isAsked: ({ cpu = {} }) => Boolean(cpu.cpus || cpu.mems) },
  { v1: pids, v2: pids, isAsked: ({ pids: asked }) => asked !== undefined && asked.limit > 0 },
  { v1: blkioV1, v2: ioV2, isAsked: asksIo },
  { v1: hugetlbV1, v2: hugetlbV2, isAsked: ({ hugepageLimits = [] }) => hugepageLimits.length > 0 },
  { v1: devicesV1, isAsked: () => false },
]

/**
 * Who holds what on this machine, in the order of writing.
 * @throws {KernelError} `UNSUPPORTED` for a limit that is asked and that no controller here can hold
 */
export function placeControllers(resources: Resources, hierarchies: readonly Hierarchy[]): Placement[] {
  return PARTS.flatMap((part) => {
    const isAsked = part.isAsked(resources)
    const placement = placePart(part, hierarchies)
    if (placement !== undefined) return [{ ...placement, isAsked }]
    if (isAsked) throw nobodyHolds(part)
    return []
  })
}

// A controller that is mounted with v1 is not there for v2.
function placePart({ v1, v2 }: Part, hierarchies: readonly Hierarchy[]): Omit<Placement, 'isAsked'> | undefined {
  return placeIn('v1', v1, hierarchies) ?? placeIn('v2', v2, hierarchies)
}

function placeIn(
  version: 'v1' | 'v2',
  controller: Controller | undefined,
  hierarchies: readonly Hierarchy[],
): Omit<Placement, 'isAsked'> | undefined {
  const hierarchy = controller && homeOf(controller.name, version, hierarchies)
  return controller && hierarchy && { controller, hierarchy }
}

function nobodyHolds({ v1, v2 }: Part): Error {
  const names = [...new Set([v1?.name, v2?.name].filter((name) => name !== undefined))]
  const why = inUserNamespace()
    ? 'no cgroup with this controller belongs to this user'
    : 'the controller is in no cgroup tree that is mounted here'
  return cannotHold(names.join(' or '), why)
}

function asksMemory({ memory = {} }: Resources): boolean {
  const { limit = 0, reservation = 0, swap = 0, swappiness, disableOOMKiller = false } = memory
  return limit > 0 || reservation > 0 || swap > 0 || swappiness !== undefined || disableOOMKiller
}

function asksCpu({ cpu = {} }: Resources): boolean {
  return Boolean(cpu.shares || (cpu.quota ?? 0) > 0 || cpu.realtimePeriod || cpu.realtimeRuntime || cpu.idle)
}

function asksIo({ blockIO = {} }: Resources): boolean {
  return Object.values(blockIO).some((asked: number | readonly unknown[] | undefined) =>
    Array.isArray(asked) ? asked.length > 0 : Boolean(asked),
  )
}
