import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { inUserNamespace } from '../door/user-namespace.ts'
import { type MountInfo, readMountInfo } from '../mounts/mount-info.ts'
import { delegatedHierarchies } from './delegated.ts'
import { readCgroupFile } from './files.ts'

/** A tree of cgroups that is mounted here. */
export interface Hierarchy {
  readonly version: 'v1' | 'v2'
  readonly mountPoint: string
  /** `cpu`, `cpuacct`, ...: for v2 those that the root can give away. A named v1 hierarchy has none. */
  readonly controllers: readonly string[]
  /** Of a v1 hierarchy that has one: `systemd`. */
  readonly name: string | undefined
  /** Where in the tree this begins that is not the whole of it: `/user.slice/user-1000.slice`. */
  readonly part?: string
}

const USUAL_PLACE = '/sys/fs/cgroup'

/**
 * The trees that cgroups can be made in: whole ones, and for an ordinary user's root the parts that are his.
 * @see cgroups(7)
 */
export function readHierarchies(): Hierarchy[] {
  const mounted = mountedHierarchies()
  return inUserNamespace() ? delegatedHierarchies(mounted) : mounted
}

/** Whether a part of some tree is this user's, with which he can limit anything. */
export function ownsCgroups(): boolean {
  return delegatedHierarchies(mountedHierarchies()).some(({ controllers }) => controllers.length > 0)
}

/**
 * The trees of this machine, v2 last. Hosts come in three kinds: v2, v1, and v1 with a v2 tree beside it that owns few
 * controllers or none; so each controller is looked up, whatever is mounted.
 * @see cgroups(7)
 */
export function mountedHierarchies(): Hierarchy[] {
  return hierarchiesOf(readMountInfo(), { v1Controllers, v2Controllers })
}

/** What the mounts alone do not tell. */
export interface ControllerFacts {
  /** Those that a v1 mount's options can name, beside options that mean something else. */
  v1Controllers(): readonly string[]
  /** Those that a v2 tree can give away. */
  v2Controllers(mountPoint: string): readonly string[]
}

export function hierarchiesOf(mounts: readonly MountInfo[], facts: ControllerFacts): Hierarchy[] {
  const v1 = onePerTree(mounts.filter(({ type }) => type === 'cgroup'))
  const v2 = onePerTree(mounts.filter(({ type }) => type === 'cgroup2'))
  const known = v1.length === 0 ? [] : facts.v1Controllers()
  return [...v1.map((mount) => v1Hierarchy(mount, known)), ...v2.map((mount) => v2Hierarchy(mount, facts))]
}

/** The tree in which a controller works. */
export function homeOf(controller: string, version: 'v1' | 'v2', hierarchies: readonly Hierarchy[]): Hierarchy | undefined {
  return hierarchies.find((each) => each.version === version && each.controllers.includes(controller))
}

/** How the directory of a v1 tree is called below /sys/fs/cgroup: `cpu,cpuacct`, `systemd`. */
export function directoryName({ mountPoint }: Hierarchy): string {
  return basename(mountPoint)
}

// The same tree may be mounted again somewhere else, in a chroot or below a container.
function onePerTree(mounts: readonly MountInfo[]): MountInfo[] {
  const best = new Map<string, MountInfo>()
  for (const mount of mounts) {
    const tree = `${mount.major}:${mount.minor}`
    const before = best.get(tree)
    if (before === undefined || rank(mount) > rank(before)) best.set(tree, mount)
  }
  return [...best.values()]
}

function rank({ mountPoint }: MountInfo): number {
  if (mountPoint === USUAL_PLACE) return 2
  return mountPoint.startsWith(`${USUAL_PLACE}/`) ? 1 : 0
}

function v1Hierarchy({ mountPoint, superOptions }: MountInfo, known: readonly string[]): Hierarchy {
  const name = superOptions.find((option) => option.startsWith('name='))?.slice('name='.length)
  return { version: 'v1', mountPoint, controllers: superOptions.filter((option) => known.includes(option)), name }
}

function v2Hierarchy({ mountPoint }: MountInfo, facts: ControllerFacts): Hierarchy {
  return { version: 'v2', mountPoint, controllers: facts.v2Controllers(mountPoint), name: undefined }
}

function v1Controllers(): string[] {
  const [, ...lines] = readFileSync('/proc/cgroups', 'latin1').trimEnd().split('\n')
  return lines.map((line) => line.split('\t')[0] as string)
}

function v2Controllers(mountPoint: string): string[] {
  const text = readCgroupFile(mountPoint, 'cgroup.controllers') ?? ''
  return text.split(' ').filter(Boolean)
}
