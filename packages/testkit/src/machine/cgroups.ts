import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mounts } from './mounts.ts'

/** The control groups that gocker has made, in every hierarchy: what is below a group `gocker`. */
export function gockerCgroups(): string[] {
  const hierarchies = mounts().filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
  return hierarchies.flatMap(({ point }) => groupsBelow(join(point, 'gocker')))
}

/** The processes in a group. */
export function cgroupMembers(path: string): number[] {
  try {
    return readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function groupsBelow(path: string): string[] {
  return directories(path).flatMap((name) => [join(path, name), ...groupsBelow(join(path, name))])
}

function directories(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch {
    return []
  }
}
