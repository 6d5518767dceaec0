import { MOUNT_FLAGS } from '@gocker/kernel'
import type { RuntimePropagation } from '@gocker/oci'
import { mountFlags } from './constants.ts'
import { makeDirectory } from './mount-point.ts'
import type { Plan } from './plan.ts'

const PROPAGATIONS: Readonly<Record<string, number>> = {
  shared: MOUNT_FLAGS.MS_SHARED,
  slave: MOUNT_FLAGS.MS_SLAVE,
  private: MOUNT_FLAGS.MS_PRIVATE,
  unbindable: MOUNT_FLAGS.MS_UNBINDABLE,
}

/** With or without the `r`, all mounts below are meant. */
export function propagationFlag(propagation: RuntimePropagation): number {
  return PROPAGATIONS[propagation] ?? (PROPAGATIONS[propagation.slice(1)] as number)
}

/** Last, when every mount point and the working directory are made. */
export function finishRoot(plan: Plan): void {
  const { program, spec } = plan
  makeDirectory(plan, spec.process.cwd, { pass: ['EROFS'], isolates: 'root: what is missing is made, and then it can be closed' })
  const { rootfsPropagation = 'private' } = spec.linux
  if (!rootfsPropagation.endsWith('private')) {
    const flags = mountFlags(propagationFlag(rootfsPropagation) | MOUNT_FLAGS.MS_REC)
    program.row({ name: `make mounts ${rootfsPropagation}`, call: 'mount', args: [0, '/', 0, flags, 0] })
  }
  if (!spec.root.readonly) return
  const flags = mountFlags(MOUNT_FLAGS.MS_REMOUNT | MOUNT_FLAGS.MS_BIND | MOUNT_FLAGS.MS_RDONLY)
  program.row({ name: 'make the root read-only', call: 'mount', args: [0, '/', 0, flags, 0] })
}
