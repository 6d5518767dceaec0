import type { RuntimeMount } from '@gocker/oci'
import type { ContentRequest, OverlayRequest, Propagation, TmpfsRequest } from '../options/mount-request.ts'

/** A mount with everything on the host made and found. */
export type ResolvedMount =
  | {
      readonly type: 'bind'
      readonly source: string
      readonly destination: string
      readonly readOnly: boolean
      readonly recursive: boolean
      readonly writableBelow?: boolean
      readonly propagation: Propagation
      /** On it files belong to the container's own ids, where it has such. */
      readonly mapped?: boolean
    }
  | TmpfsRequest
  | OverlayRequest
  | ContentRequest

const DEFAULT_SHM = 64 * 1024 * 1024

export interface MountsInput {
  readonly privileged: boolean
  readonly readOnly: boolean
  readonly shmSize: number | undefined
  /** There is no group but root's, that terminals could be given to. */
  readonly singleId?: boolean
  /** Made for the container: /etc/hosts and its like, by destination. */
  readonly files: Readonly<Record<string, string>>
  readonly asked: readonly ResolvedMount[]
  /** The container has ids of its own, and files that are made for it are to be theirs. */
  readonly mapsOwners?: boolean
}

/** The mounts in the order in which they are made: the system's, then files and volumes, the deeper over the shallower. */
export function mountsOf(input: MountsInput): RuntimeMount[] {
  const { readOnly, files, asked, mapsOwners = false } = input
  const own = Object.entries(files).map(([destination, source]) => fileMount(destination, source, { readOnly, mapsOwners }))
  const wanted = [...own, ...asked.map((mount) => askedMount(mount, mapsOwners))]
  const taken = new Set(asked.map(({ destination }) => destination))
  const kept = (mount: RuntimeMount) => !taken.has(mount.destination)
  return [
    ...systemMounts(input).filter(kept),
    ...wanted.filter((mount, index) => index >= own.length || kept(mount)).sort((a, b) => depth(a) - depth(b)),
  ]
}

/** @see https://github.com/moby/moby/blob/master/daemon/pkg/oci/defaults.go */
function systemMounts({ privileged, shmSize = DEFAULT_SHM, singleId = false }: MountsInput): RuntimeMount[] {
  const guarded = ['nosuid', 'noexec', 'nodev']
  const writable = privileged ? [] : ['ro']
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: guarded },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...(singleId ? [] : ['gid=5'])],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...guarded, ...writable] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...guarded, ...writable, 'relatime'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: guarded },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...guarded, 'mode=1777', `size=${shmSize}`] },
  ]
}

function fileMount(
  destination: string,
  source: string,
  { readOnly, mapsOwners = false }: { readOnly: boolean; mapsOwners?: boolean },
): RuntimeMount {
  return { destination, type: 'bind', source, options: ['rbind', 'rprivate', readOnly ? 'rro' : 'rw', ...(mapsOwners ? ['idmap'] : [])] }
}

function askedMount(mount: ResolvedMount, mapsOwners: boolean): RuntimeMount {
  if (mount.type === 'tmpfs') return { destination: mount.destination, type: 'tmpfs', source: 'tmpfs', options: mount.options }
  if (mount.type === 'overlay')
    return { destination: mount.destination, type: 'overlay', source: 'overlay', options: overlayOptions(mount) }
  // The content is the program's to know: this is written to the disk.
  if (mount.type === 'content') return fileMount(mount.destination, '/dev/null', { readOnly: true })
  const { source, destination, readOnly, recursive, writableBelow = false, propagation, mapped = false } = mount
  // `rro`: what is mounted below the source is not writable either.
  const writable = readOnly ? (recursive && !writableBelow ? 'rro' : 'ro') : 'rw'
  return {
    destination,
    type: 'bind',
    source,
    options: [recursive ? 'rbind' : 'bind', writable, propagation, ...(mapped && mapsOwners ? ['idmap'] : [])],
  }
}

function overlayOptions({ lowers, upper }: OverlayRequest): string[] {
  return [`lowerdir=${lowers.join(':')}`, ...(upper === undefined ? ['ro'] : [`upperdir=${upper.directory}`, `workdir=${upper.work}`])]
}

function depth({ destination }: RuntimeMount): number {
  return destination.split('/').length
}
