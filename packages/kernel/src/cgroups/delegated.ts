import { accessSync, constants, readFileSync } from 'node:fs'
import type { Hierarchy } from './hierarchies.ts'

/** What a user can do who has no cgroup. */
export const DELEGATION_HINT = 'begin the command in one: systemd-run --user --scope -p Delegate=yes gocker …; or be root'

/**
 * What of the trees belongs to this user: in each the highest cgroup above his own that he may make others in, as if it were the whole tree.
 * systemd gives every user such a one, of v2.
 * @see https://systemd.io/CGROUP_DELEGATION/
 */
export function delegatedHierarchies(hierarchies: readonly Hierarchy[]): Hierarchy[] {
  const own = readFileSync('/proc/self/cgroup', 'utf8').split('\n')
  return hierarchies.flatMap((hierarchy) => {
    const directory = highestWritable(hierarchy.mountPoint, pathIn(hierarchy, own))
    if (directory === undefined) return []
    const part = directory.slice(hierarchy.mountPoint.length)
    return [{ ...hierarchy, mountPoint: directory, controllers: controllersIn(hierarchy, directory), part }]
  })
}

/** @see cgroups(7), /proc/pid/cgroup: `4:memory:/path`, `1:name=systemd:/path`, `0::/path` */
function pathIn({ version, controllers, name }: Hierarchy, lines: readonly string[]): string {
  const known = new Set(version === 'v2' ? [''] : [...controllers, `name=${name}`])
  const line = lines.find((each) => (each.split(':')[1] ?? '-').split(',').some((controller) => known.has(controller)))
  return line === undefined ? '/' : line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1)
}

function highestWritable(mountPoint: string, path: string): string | undefined {
  const names = path.split('/').filter((name) => name !== '')
  const above = [mountPoint, ...names.map((_, index) => `${mountPoint}/${names.slice(0, index + 1).join('/')}`)]
  return above.find((directory) => isWritable(directory) && isWritable(`${directory}/cgroup.procs`))
}

/** v2 may give fewer controllers to a part of its tree. */
function controllersIn({ version, controllers }: Hierarchy, directory: string): readonly string[] {
  return version === 'v1' ? controllers : readFileSync(`${directory}/cgroup.controllers`, 'latin1').trim().split(' ').filter(Boolean)
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}
