import { type Slot, slot } from '@gocker/kernel'
import type { RuntimeDevice } from '@gocker/oci'
import { AT_FDCWD, CLONE_TREE } from './constants.ts'
import { devicesOf } from './devices.ts'
import type { Plan } from './plan.ts'
import { isUnprivileged } from './user-namespace.ts'

/** Where the host's node is held. */
export function hostDevice({ path }: Pick<RuntimeDevice, 'path'>): Slot {
  return slot(`host's ${path}`)
}

/** While the host has paths. */
export function takeHostDevices(plan: Plan): void {
  if (!isUnprivileged(plan)) return
  const { program, spec, facts } = plan
  const group = { isolates: 'from the host: its devices, since in a user namespace none can be made' }
  for (const device of devicesOf(spec).filter(({ type }) => type !== 'p')) {
    const source = facts.devicePaths?.get(device.path) ?? device.path
    program.row({
      name: `take ${source} for ${device.path}`,
      call: 'open_tree',
      args: [AT_FDCWD, source, CLONE_TREE],
      result: hostDevice(device),
      ...group,
    })
  }
}
