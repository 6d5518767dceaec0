import { fchownSync, readFileSync } from 'node:fs'
import type { RuntimeIdMapping, RuntimeSpec } from '@gocker/oci'
import type { Plumbing } from '../life/launch-container.ts'

/**
 * Gives pipes to the user of a container that has ids of its own, who could not open /dev/stdout otherwise: root of the container may not, as they are
 * the host's.
 * @param spec with the ids that the container has now
 */
export function giveStdio({ kinds, sources }: Pick<Plumbing, 'kinds' | 'sources'>, { process, linux }: RuntimeSpec): void {
  const uid = outside(process.user.uid, linux.uidMappings ?? [])
  // The group's owner as well: what is nobody's cannot be given on.
  const gid = outside(process.user.gid, linux.gidMappings ?? [])
  if (uid === undefined || gid === undefined) return
  for (const [index, source] of sources.entries()) if (kinds[index] === 'pipe' && source !== 'ignore') fchownSync(source, uid, gid)
}

/** With the ids that a running container has, which its file does not tell. @param pid of its first process */
export function withIdsOf(pid: number, spec: RuntimeSpec): RuntimeSpec {
  const text = readFileSync(`/proc/${pid}/uid_map`, 'latin1')
  const uidMappings = text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [containerID = 0, hostID = 0, size = 0] = line.trim().split(/\s+/).map(Number)
      return { containerID, hostID, size }
    })
  return { ...spec, linux: { ...spec.linux, uidMappings, gidMappings: uidMappings } }
}

function outside(id: number, mappings: readonly RuntimeIdMapping[]): number | undefined {
  const range = mappings.find(({ containerID, size }) => id >= containerID && id < containerID + size)
  return range === undefined ? undefined : range.hostID + id - range.containerID
}
