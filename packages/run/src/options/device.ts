import { invalidOption } from '../error.ts'

export interface DeviceRequest {
  /** A node of the host, or a directory of such. */
  readonly source: string
  readonly destination: string
  /** Some of `rwm`. */
  readonly access: string
}

/**
 * Reads `/dev/fuse`, `/dev/sda:/dev/xvda`, `/dev/sda:/dev/xvda:r`, `/dev/fuse:rw`.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseDevice(text: string): DeviceRequest {
  const [source = '', second, third, ...rest] = text.split(':')
  if (rest.length > 0) throw invalidOption('device', text, 'more than three parts')
  const isAccess = third === undefined && second !== undefined && /^[rwm]+$/.test(second)
  const destination = isAccess ? source : second || source
  const access = isAccess ? second : (third ?? 'rwm')
  if (!isAccessText(access)) throw invalidOption('device', text, `${JSON.stringify(access)} is not some of r, w and m`)
  if (!source.startsWith('/')) throw invalidOption('device', text, 'the host path is not absolute')
  if (!destination.startsWith('/')) throw invalidOption('device', text, 'the path in the container is not absolute')
  return { source, destination, access }
}

function isAccessText(access: string): boolean {
  return /^[rwm]+$/.test(access) && new Set(access).size === access.length
}

/** A limit on one block device: bytes or operations in a second. */
export interface DeviceRate {
  readonly path: string
  readonly rate: number
}

/**
 * Reads `/dev/sda:10mb` or `/dev/sda:1000`.
 * @param readRate how the part behind the path is read
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseDeviceRate(text: string, readRate: (text: string) => number): DeviceRate {
  const at = text.lastIndexOf(':')
  const path = text.slice(0, Math.max(at, 0))
  if (!path.startsWith('/dev/')) throw invalidOption('device rate', text, 'not /dev/name:rate')
  return { path, rate: readRate(text.slice(at + 1)) }
}
