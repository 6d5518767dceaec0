import { directoryName, type Hierarchy } from './hierarchies.ts'

/**
 * A mount that shows a container its own cgroups, made after it has entered its cgroup namespace. One with an empty
 * `controller` is /sys/fs/cgroup itself (a host with v2 alone); else that is a tmpfs, and each view a directory of it.
 */
export interface CgroupView {
  /** The directory's name: `cpu,cpuacct`, `systemd`, `unified`. */
  readonly controller: string
  /** The type of the file system is `cgroup` for v1, `cgroup2` for v2. */
  readonly hierarchy: 'v1' | 'v2'
  /** `cpu,cpuacct`, `name=systemd`; empty for v2. */
  readonly mountOptions: string
  /** Symlinks to the directory beside it: `cpu` and `cpuacct`. */
  readonly links: readonly string[]
}

/** @see cgroup_namespaces(7) */
export function viewsOf(hierarchies: readonly Hierarchy[]): CgroupView[] {
  const alone = hierarchies.every(({ version }) => version === 'v2')
  return hierarchies.map((hierarchy) => (hierarchy.version === 'v2' ? unifiedView(alone) : v1View(hierarchy)))
}

function unifiedView(alone: boolean): CgroupView {
  return { controller: alone ? '' : 'unified', hierarchy: 'v2', mountOptions: '', links: [] }
}

function v1View(hierarchy: Hierarchy): CgroupView {
  const { controllers, name } = hierarchy
  const options = [...controllers, ...(name === undefined ? [] : [`name=${name}`])]
  const directory = directoryName(hierarchy)
  const links = controllers.length > 1 ? controllers.filter((controller) => controller !== directory) : []
  return { controller: directory, hierarchy: 'v1', mountOptions: options.join(','), links }
}
