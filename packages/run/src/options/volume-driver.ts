import { invalidOption } from '../error.ts'

/**
 * Volumes are directories of this machine, which docker calls `local`.
 * @throws {RunError} `INVALID_OPTION` for any other driver
 */
export function checkVolumeDriver(name: string): void {
  if (name === '' || name === 'local') return
  throw invalidOption(
    'volume-driver',
    name,
    'there is no volume driver but local',
    'mount what the volume is to be on the host, and bind that',
  )
}
