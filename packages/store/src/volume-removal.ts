import { StoreError } from './error.ts'
import { recordEvent } from './events.ts'
import { withLock } from './lock.ts'
import { moveToTrash } from './move.ts'
import type { StorePaths } from './paths.ts'
import { rm } from './quick-files.ts'
import { isVolumeName, noSuchVolume, readVolume } from './volume-record.ts'
import { volumeUsers } from './volume-users.ts'

export interface VolumeRemovalOptions {
  /** One that is not there is no error. */
  readonly force?: boolean
}

/** Volumes.remove: whoever mounts it has said so in its record before it takes the lock to make the volume. */
export async function removeVolume(paths: StorePaths, name: string, { force = false }: VolumeRemovalOptions): Promise<number | undefined> {
  if (!isVolumeName(name)) throw noSuchVolume(name)
  const work = async () => {
    if ((await readVolume(paths, name)) === undefined) return undefined
    await refuseInUse(paths, name)
    const trash = await moveToTrash(paths, paths.volume(name))
    await rm(paths.volumeFacts(name), { force: true })
    return trash
  }
  const trash = await withLock(paths.lock(`volume-${name}`), 'exclusive', work, { transient: true })
  if (trash === undefined) {
    if (force) return undefined
    throw noSuchVolume(name)
  }
  await recordEvent({ paths }, { type: 'volume', action: 'destroy', id: name, attributes: { driver: 'local' } })
  return await trash.empty()
}

async function refuseInUse(paths: StorePaths, name: string): Promise<void> {
  const users = (await volumeUsers(paths)).get(name) ?? []
  const [user] = users
  if (user === undefined) return
  const names = users.map((each) => each.name).join(', ')
  throw new StoreError(
    'IN_USE',
    `removing volume ${name}: ${users.length > 1 ? 'containers' : 'container'} ${names} mount${users.length > 1 ? '' : 's'} it`,
    {
      hint: `gocker rm ${user.name} first`,
    },
  )
}
