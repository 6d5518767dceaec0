import { resolveCapabilities } from '@gocker/kernel'
import { cgroupPath } from '@gocker/store'
import { apparmorProfile } from '../host/apparmor.ts'
import { hostDevices, requestedDevices } from '../host/devices.ts'
import { hostFacts } from '../host/facts.ts'
import { seccompProfile } from '../host/seccomp.ts'
import type { ContainerOptions } from '../options/container-options.ts'
import { parseSecurity } from '../options/security.ts'
import type { LayerView } from '../rootfs/layer-view.ts'
import type { Stack } from '../rootfs/layers.ts'
import { readUserFiles } from '../rootfs/user-files.ts'
import type { SpecInput } from '../spec/runtime-spec.ts'
import { identityOf } from '../spec/user.ts'
import { containerIds, keptUser, lastOf, requireOwnIds } from '../user-namespace/container-ids.ts'
import { idsOf, requireMapped } from '../user-namespace/require-mapped.ts'

export interface Question {
  readonly id: string
  readonly stack: Stack
  readonly options: ContainerOptions
  readonly view: LayerView
}

/** Everything that a spec depends on and that is found out without making anything. */
export async function findOut({ id, stack, options, view }: Question): Promise<Omit<SpecInput, 'mounts' | 'files'>> {
  const { privileged = false, securityOpt = [], capAdd = [], capDrop = [], devices = [], groupAdd, user, userns } = options
  const { config } = stack
  const files = readUserFiles(view)
  const kept = userns?.mode === 'keep-id' ? keptUser() : config.User
  const identity = identityOf(user ?? kept ?? '', files, groupAdd)
  const ids = containerIds(userns, files, identity)
  requireMapped(identity, ids === undefined ? undefined : idsOf(ids))
  requireOwnIds(options, ids)
  const capabilities = resolveCapabilities({ add: capAdd, drop: capDrop, privileged })
  return {
    id,
    config,
    options,
    capabilities,
    host: { ...hostFacts(options), ...(ids !== undefined && { lastGid: lastOf(ids) }) },
    ...(ids !== undefined && { ids }),
    identity,
    devices: [...(privileged ? hostDevices() : []), ...requestedDevices(devices)],
    apparmorProfile: apparmorProfile({ apparmor: parseSecurity(securityOpt).apparmor, privileged }),
    seccomp: await seccompProfile({ privileged, securityOpt, capabilities }),
    cgroupsPath: cgroupPath(id),
  }
}
