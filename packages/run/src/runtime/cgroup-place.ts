import { posix } from 'node:path'
import type { RuntimeResources } from '@gocker/oci'
import { RunError } from '../error.ts'
import { deviceRules } from '../spec/devices.ts'
import type { RuntimeHome } from './home.ts'

/**
 * Where the container's cgroup is below the root of every tree. In systemd's way of naming it is the place that systemd would give it; it is
 * made there without systemd.
 * @throws {RunError} `INVALID_SPEC`
 */
export function cgroupPlace({ systemdCgroup = false }: RuntimeHome, id: string, cgroupsPath: string | undefined): string {
  if (systemdCgroup) return systemdPlace(id, cgroupsPath)
  return posix.resolve('/', cgroupsPath === undefined || cgroupsPath === '' ? `gocker-runtime/${id}` : cgroupsPath)
}

const PROPERTY = 'org.systemd.property.'
/** How a unit ends, which there is none of. */
const WITHOUT_EFFECT = ['CollectMode', 'TimeoutStopUSec']

/**
 * What annotations ask of systemd for the container's unit, it would do alone.
 * @throws {RunError} `UNSUPPORTED`
 */
export function refuseUnitProperties(annotations: Readonly<Record<string, string>> = {}): void {
  const names = Object.keys(annotations).filter((name) => name.startsWith(PROPERTY))
  const name = names.find((each) => !WITHOUT_EFFECT.includes(each.slice(PROPERTY.length)))
  if (name !== undefined)
    throw new RunError('UNSUPPORTED', `doing annotation ${name}: gocker makes the cgroup without systemd`, {
      hint: 'linux.resources holds limits',
    })
}

function systemdPlace(id: string, cgroupsPath = ''): string {
  const [slice = '', prefix = '', name = '', ...more] = cgroupsPath === '' ? ['system.slice', 'gocker', id] : cgroupsPath.split(':')
  if (name === '' || more.length > 0)
    throw new RunError('INVALID_SPEC', `naming cgroup ${JSON.stringify(cgroupsPath)}: with --systemd-cgroup it is slice:prefix:name`)
  const unit = name.endsWith('.slice') ? name : `${prefix === '' ? '' : `${prefix}-`}${name}.scope`
  return posix.join(slicePath(slice === '' ? 'system.slice' : slice), unit)
}

/** `a-b.slice` is below `a.slice`. @see systemd.slice(5) */
function slicePath(slice: string): string {
  const name = slice.replace(/\.slice$/, '')
  if (name === slice || name.startsWith('-') || name.endsWith('-') || name.includes('--') || name.includes('/')) {
    if (slice === '-.slice') return '/'
    throw new RunError('INVALID_SPEC', `naming cgroup slice ${JSON.stringify(slice)}: not the name of a slice`)
  }
  const parts = name.split('-')
  return `/${parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`).join('/')}`
}

/** Behind what was asked for come the devices that every container has: nobody names those. */
export function withDefaultDevices({ devices = [], ...resources }: RuntimeResources): RuntimeResources {
  const [nothing, ...always] = deviceRules([], false)
  const asked = devices.length === 0 && nothing !== undefined ? [nothing] : devices
  const isEverything = asked.at(-1)?.allow === true && ['a', undefined].includes(asked.at(-1)?.type) && asked.at(-1)?.major === undefined
  return { ...resources, devices: isEverything ? asked : [...asked, ...always] }
}
