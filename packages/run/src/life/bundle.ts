import { writeFileSync } from 'node:fs'
import { resolveCapabilities } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { type BundlePaths, cgroupPath } from '@gocker/store'
import { writeFiles } from '../files/write.ts'
import { hostDevices, requestedDevices } from '../host/devices.ts'
import { hostFacts } from '../host/facts.ts'
import { seccompProfile } from '../host/seccomp.ts'
import type { ContainerOptions } from '../options/container-options.ts'
import { UNLIMITED } from '../options/ulimit.ts'
import { LayerView } from '../rootfs/layer-view.ts'
import type { Stack } from '../rootfs/layers.ts'
import { readUserFiles } from '../rootfs/user-files.ts'
import { hostnameOf, toRuntimeSpec } from '../spec/runtime-spec.ts'
import { identityOf } from '../spec/user.ts'
import { resolveMounts } from '../volumes/resolve.ts'

export interface BundleInput {
  readonly id: string
  readonly bundle: BundlePaths
  readonly stack: Stack
  readonly options: ContainerOptions
}

/** Finds out what the spec depends on, makes the files and volumes that it names, and writes it. */
export async function makeBundle({ id, bundle, stack, options }: BundleInput): Promise<RuntimeSpec> {
  const { privileged = false, securityOpt = [], capAdd = [], capDrop = [], devices = [], groupAdd, user, store } = options
  const { config, lowers, upper } = stack
  const view = new LayerView([upper, ...lowers])
  const host = hostFacts(options)
  const capabilities = resolveCapabilities({ add: capAdd, drop: capDrop, privileged })
  const spec = toRuntimeSpec({
    id,
    config,
    options,
    host,
    capabilities,
    identity: identityOf(user ?? config.User ?? '', readUserFiles(view), groupAdd),
    mounts: await resolveMounts(options.mounts ?? [], { store, id, config, view }),
    files: writeFiles(bundle, hostnameOf({ id, options, host }), options),
    devices: [...(privileged ? hostDevices() : []), ...requestedDevices(devices)],
    seccomp: seccompProfile({ privileged, securityOpt, capabilities }),
    cgroupsPath: cgroupPath(id),
  })
  writeFileSync(bundle.config, specText(spec))
  return spec
}

/** No limit is 2^64 - 1, which only a text can say. */
export function specText(spec: RuntimeSpec): string {
  const isUnlimited = spec.process.rlimits?.some(({ soft, hard }) => Math.max(soft, hard) >= UNLIMITED)
  return JSON.stringify(spec, isUnlimited ? (_, value) => (value === UNLIMITED ? rawJSON(`${2n ** 64n - 1n}`) : value) : undefined)
}

// Not in TypeScript's library yet. @see https://github.com/tc39/proposal-json-parse-with-source
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
