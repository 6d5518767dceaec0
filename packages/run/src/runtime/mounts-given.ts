import { closeSync } from 'node:fs'
import { MOUNT_FLAGS, openFileSystem, openMappedMount, parseMountOptions, setMountAttributes } from '@gocker/kernel'
import type { RuntimeMount, RuntimeSpec } from '@gocker/oci'
import { RunError } from '../error.ts'
import { isBind, isRemount } from '../program/bind-sources.ts'
import { attributesOf } from '../program/mount-attributes.ts'
import { copyUp } from './copy-up.ts'
import { IdMappings } from './id-mapping.ts'

/** Mounts that are made before the launch program, since it cannot: they are nowhere yet, and the program gives them their places. */
export class MountsGiven {
  /** By destination: the name of the descriptor. */
  readonly names = new Map<string, string>()
  readonly descriptors: Record<string, number> = {}

  /** @throws {RunError} `UNSUPPORTED`, {KernelError}; then none is left */
  static async make(spec: RuntimeSpec): Promise<MountsGiven> {
    const given = new MountsGiven()
    const mappings = new IdMappings()
    try {
      for (const mount of spec.mounts.filter((each) => !isRemount(each))) {
        const made = await madeBefore(mount, spec, mappings)
        if (made !== undefined) given.#add(mount.destination, made)
      }
      return given
    } catch (error) {
      given.close()
      throw error
    } finally {
      mappings.close()
    }
  }

  close(): void {
    for (const fd of Object.values(this.descriptors)) closeSync(fd)
    this.names.clear()
  }

  #add(destination: string, fd: number): void {
    const name = `mount for ${destination}`
    this.names.set(destination, name)
    this.descriptors[name] = fd
  }
}

async function madeBefore(mount: RuntimeMount, spec: RuntimeSpec, mappings: IdMappings): Promise<number | undefined> {
  const { copyUp: copies, mapped } = parseMountOptions(mount.options ?? [])
  if (copies) return filledMemory(mount, spec.root.path)
  if (mapped !== undefined) return await mappedBind(mount, spec, mappings)
  if ((mount.uidMappings ?? mount.gidMappings) !== undefined)
    throw refused(mount, 'uidMappings and gidMappings need the option idmap or ridmap')
  return undefined
}

/** A tmpfs that begins with what it covers. */
function filledMemory(mount: RuntimeMount, root: string): number {
  const { data } = parseMountOptions(mount.options ?? [])
  if (mount.type !== 'tmpfs') throw refused(mount, 'tmpcopyup is an option of a tmpfs')
  const options = data.split(',').filter((option) => option !== '')
  const parameters = [`source=${mount.source ?? 'tmpfs'}`, ...options].map(parameterOf)
  return restricted(openFileSystem({ type: 'tmpfs', parameters }), mount, (filled) => copyUp(root, mount.destination, filled))
}

function parameterOf(option: string): { key: string; value?: string } {
  const [key = '', value] = option.split('=')
  return value === undefined ? { key } : { key, value }
}

/** Its own maps, or those of the container. */
async function mappedBind(mount: RuntimeMount, { linux }: RuntimeSpec, mappings: IdMappings): Promise<number> {
  const { source = '', options = [] } = mount
  if (!isBind(mount)) throw refused(mount, 'only the owners of a bind mount are mapped')
  const uids = mount.uidMappings ?? linux.uidMappings ?? []
  const gids = mount.gidMappings ?? linux.gidMappings ?? []
  if (uids.length === 0 || gids.length === 0)
    throw refused(mount, 'idmap needs uidMappings and gidMappings, of the mount or of the container')
  const { flags, mapped } = parseMountOptions(options)
  const userNamespace = await mappings.get(uids, gids)
  const recursive = (flags & MOUNT_FLAGS.MS_REC) !== 0
  return restricted(openMappedMount({ source, userNamespace, recursive, mapsBelow: mapped === 'below' }), mount)
}

/** Read-only and the like comes when it has been filled. */
function restricted(mounted: number, { options = [] }: RuntimeMount, fill: (mounted: number) => void = () => {}): number {
  const { flags, recursive } = parseMountOptions(options)
  const own = attributesOf(flags)
  try {
    fill(mounted)
    if (own !== undefined) setMountAttributes(mounted, own, { below: false })
    if (recursive !== undefined) setMountAttributes(mounted, recursive, { below: true })
    return mounted
  } catch (error) {
    closeSync(mounted)
    throw error
  }
}

function refused({ destination }: RuntimeMount, why: string): RunError {
  return new RunError('UNSUPPORTED', `mounting ${destination}: ${why}`)
}
