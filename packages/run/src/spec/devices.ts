import type { RuntimeDevice, RuntimeDeviceRule } from '@gocker/oci'

/** A node of the host that the container gets, and what may be done with it. */
export interface GrantedDevice extends RuntimeDevice {
  /** Some of `rwm`. */
  readonly access: string
}

/** Nothing, but: making any node, and the devices that every container has. */
const RULES: readonly RuntimeDeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }, // null
  { allow: true, type: 'c', major: 1, minor: 5, access: 'rwm' }, // zero
  { allow: true, type: 'c', major: 1, minor: 7, access: 'rwm' }, // full
  { allow: true, type: 'c', major: 1, minor: 8, access: 'rwm' }, // random
  { allow: true, type: 'c', major: 1, minor: 9, access: 'rwm' }, // urandom
  { allow: true, type: 'c', major: 5, minor: 0, access: 'rwm' }, // tty
  { allow: true, type: 'c', major: 5, minor: 1, access: 'rwm' }, // console
  { allow: true, type: 'c', major: 5, minor: 2, access: 'rwm' }, // ptmx
  { allow: true, type: 'c', major: 136, access: 'rwm' }, // pts/*
]

export function deviceRules(devices: readonly GrantedDevice[], privileged: boolean): RuntimeDeviceRule[] {
  return privileged ? [{ allow: true, access: 'rwm' }] : [...RULES, ...devices.flatMap(ruleOf)]
}

export function deviceNodes(devices: readonly GrantedDevice[]): RuntimeDevice[] {
  return devices.map(({ access: _, ...node }) => node)
}

function ruleOf({ type, major, minor, access }: GrantedDevice): RuntimeDeviceRule[] {
  if (type === 'p' || major === undefined || minor === undefined) return []
  return [{ allow: true, type: type === 'b' ? 'b' : 'c', major, minor, access }]
}
