import { readdirSync, type Stats, statSync } from 'node:fs'
import { deviceMajor, deviceMinor } from '@gocker/kernel'
import { RunError } from '../error.ts'
import type { DeviceRequest } from '../options/device.ts'
import type { GrantedDevice } from '../spec/devices.ts'

/** Not devices, or the container's own. */
const SKIPPED = new Set(['pts', 'shm', 'fd', 'mqueue', 'console', 'ptmx', 'stdin', 'stdout', 'stderr', 'core', 'log', '.udev', '.lxc'])

/**
 * The nodes that were asked for, with the host's numbers, modes and owners; of a directory, all that are in it.
 * @throws {RunError} `NO_SUCH_SOURCE`
 */
export function requestedDevices(requests: readonly DeviceRequest[]): GrantedDevice[] {
  return requests.flatMap(({ source, destination, access }) => {
    const stats = statSync(source, { throwIfNoEntry: false })
    const found = stats === undefined ? [] : devicesAt(source, destination, stats)
    if (found.length === 0)
      throw new RunError('NO_SUCH_SOURCE', `giving device ${source}: ${stats === undefined ? 'it does not exist' : 'it is not a device'}`)
    return found.map((device) => ({ ...device, access }))
  })
}

/** All devices of the host, for a privileged container. */
export function hostDevices(): GrantedDevice[] {
  const names = readdirSync('/dev').filter((name) => !SKIPPED.has(name))
  return names.flatMap((name) => devicesBelow(`/dev/${name}`, `/dev/${name}`))
}

/** @throws {RunError} `NO_SUCH_SOURCE` */
export function blockDevice(path: string): { major: number; minor: number } {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isBlockDevice()) return numbers(stats)
  throw new RunError('NO_SUCH_SOURCE', `limiting device ${path}: it is not a block device`)
}

function devicesBelow(source: string, destination: string): GrantedDevice[] {
  const stats = statSync(source, { throwIfNoEntry: false })
  return stats === undefined ? [] : devicesAt(source, destination, stats)
}

function devicesAt(source: string, destination: string, stats: Stats): GrantedDevice[] {
  if (stats.isDirectory()) return readdirSync(source).flatMap((name) => devicesBelow(`${source}/${name}`, `${destination}/${name}`))
  if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return []
  const { uid, gid, mode } = stats
  const type = stats.isBlockDevice() ? 'b' : 'c'
  return [{ path: destination, type, ...numbers(stats), fileMode: mode & 0o7777, uid, gid, access: 'rwm' }]
}

function numbers({ rdev }: Stats): { major: number; minor: number } {
  return { major: deviceMajor(BigInt(rdev)), minor: deviceMinor(BigInt(rdev)) }
}
