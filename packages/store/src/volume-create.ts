import { lstatSync, statSync } from 'node:fs'
import { writeFileAtomic } from './atomic-file.ts'
import { StoreError } from './error.ts'
import { recordEvent } from './events.ts'
import { withLock } from './lock.ts'
import type { StorePaths } from './paths.ts'
import { chmod, mkdir, rm, symlink } from './quick-files.ts'
import { randomHex } from './random-hex.ts'
import { isVolumeName, noSuchVolume, readVolume, type VolumeFacts, type VolumeRecord } from './volume-record.ts'

export interface CreateVolumeOptions {
  /** Made up when not given. */
  readonly name?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** As docker's local driver takes them: `type=none`, `o=bind`, `device=/a/directory`. */
  readonly options?: Readonly<Record<string, string>> | undefined
}

/** Volumes.create: what is known of the volume is there before the volume is. */
export async function createVolume(paths: StorePaths, asked: CreateVolumeOptions): Promise<VolumeRecord> {
  const { name = randomHex(32), labels = {}, options = {} } = asked
  checkName(name)
  const device = deviceOf(name, options)
  const facts = { created: new Date().toISOString(), labels, options, anonymous: asked.name === undefined }
  return await withLock(paths.lock(`volume-${name}`), 'exclusive', async () => {
    const before = await readVolume(paths, name)
    if (before !== undefined) return sameOrRefused(before, options)
    await makeVolume(paths, name, { facts, device })
    await recordEvent({ paths }, { type: 'volume', action: 'create', id: name, attributes: { driver: 'local' } })
    return await volumeMade(paths, name)
  })
}

function checkName(name: string): void {
  if (isVolumeName(name) && name.length > 1) return
  const why = 'a name has two or more letters, digits, _ . and -, and begins with a letter or digit'
  const hint = name.includes('/') ? 'a directory of the host is made a volume by -o type=none -o o=bind -o device=DIRECTORY' : undefined
  throw new StoreError('INVALID_NAME', `creating volume ${JSON.stringify(name)}: ${why}`, { hint })
}

/** @returns the directory that the volume shows, where it is not the volume's own */
function deviceOf(name: string, options: Readonly<Record<string, string>>): string | undefined {
  if (Object.keys(options).length === 0) return undefined
  const { type = 'none', o = '', device = '', ...others } = options
  const refuse = (why: string, hint?: string) => new StoreError('INVALID_OPTION', `creating volume ${name}: ${why}`, { hint })
  const [other] = Object.keys(others)
  if (other !== undefined) throw refuse(`there is no option ${other}`, 'there are type, o and device')
  if (type === 'tmpfs') throw refuse('a volume in memory is not supported', 'gocker run --tmpfs /path gives a container one of its own')
  const words = o.split(',')
  if (!['none', 'bind'].includes(type) || !words.some((word) => word === 'bind' || word === 'rbind'))
    throw refuse(`type=${type} o=${o} is not supported`, 'directories of the host are: -o type=none -o o=bind -o device=DIRECTORY')
  if (!device.startsWith('/')) throw refuse(`device ${JSON.stringify(device)} is not an absolute path`)
  if (statSync(device, { throwIfNoEntry: false })?.isDirectory() !== true) throw refuse(`device ${device} is not a directory`)
  return device
}

function sameOrRefused(before: VolumeRecord, options: Readonly<Record<string, string>>): VolumeRecord {
  const isSame = Object.keys(options).length === 0 || sorted(options) === sorted(before.options)
  if (isSame) return before
  throw new StoreError('NAME_TAKEN', `creating volume ${before.name}: it is there already, with other options`, {
    hint: `gocker volume inspect ${before.name} shows them`,
  })
}

function sorted(options: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(options).sort())
}

async function makeVolume(
  paths: StorePaths,
  name: string,
  { facts, device }: { facts: VolumeFacts; device: string | undefined },
): Promise<void> {
  await mkdir(paths.volumes, { recursive: true, mode: 0o700 })
  await writeFileAtomic(paths.volumeFacts(name), JSON.stringify(facts, undefined, 1))
  try {
    if (device !== undefined) await symlink(device, paths.volume(name))
    else {
      await mkdir(paths.volume(name))
      // Whatever the umask.
      await chmod(paths.volume(name), 0o755)
    }
  } catch (error) {
    if (lstatSync(paths.volume(name), { throwIfNoEntry: false }) === undefined) await rm(paths.volumeFacts(name), { force: true })
    throw error
  }
}

async function volumeMade(paths: StorePaths, name: string): Promise<VolumeRecord> {
  const volume = await readVolume(paths, name)
  if (volume === undefined) throw noSuchVolume(name)
  return volume
}
