import { readFileSync } from 'node:fs'
import { openCgroup, type Resources } from '@gocker/kernel'
import type { RuntimeResources, RuntimeSpec } from '@gocker/oci'
import { cgroupPath, type Store, writeFileAtomic } from '@gocker/store'
import { RunError } from '../error.ts'
import { hostFacts } from '../host/facts.ts'
import type { ResourceOptions, RestartPolicy } from '../options/container-options.ts'
import { resourcesOf } from '../spec/resources.ts'
import { specText } from './bundle.ts'
import { containerEvent } from './container-event.ts'
import { type ContainerSettings, readSettings } from './settings.ts'
import { containerStatus } from './status.ts'

export interface UpdateOptions extends ResourceOptions {
  readonly restart?: RestartPolicy
}

/** Two ways to say how much processor time. */
const QUOTA = ['cpuQuota', 'cpuPeriod'] as const

/**
 * Changes a container's limits, of its processes that run too, and its restart policy; what is not named stays.
 * @throws {RunError} `INVALID_OPTION`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`; {KernelError} for a limit that cannot be held; then
 * what is saved stays as it was
 */
export async function updateContainer(store: Store, idOrName: string, options: UpdateOptions): Promise<void> {
  const { id } = await store.containers.get(idOrName)
  await store.containers.hold(id, async () => {
    const record = await store.containers.get(id)
    if (record.remove && options.restart !== undefined && options.restart.name !== 'no')
      throw new RunError('INVALID_OPTION', `updating container ${record.name}: one that goes when it ends cannot be started again`)
    const settings = merged(readSettings(record), options)
    const spec = readSpec(store, id)
    const resources = resourcesOf(settings, spec.linux.resources?.devices ?? [], hostFacts(settings))
    const { status } = await containerStatus(store, record)
    if (status === 'running' || status === 'paused') await openCgroup(cgroupPath(id)).update(limitsOf(resources))
    await writeFileAtomic(store.paths.bundle(id).config, specText({ ...spec, linux: { ...spec.linux, resources } }))
    await store.containers.change(id, { options: { ...settings } })
    await containerEvent(store, record, 'update')
  })
}

/** What is said in one way takes away what was said in the other. */
function merged(before: ContainerSettings, change: UpdateOptions): ContainerSettings {
  const saysCpus = change.cpus !== undefined
  const saysQuota = QUOTA.some((name) => change[name] !== undefined)
  const { cpus, cpuQuota, cpuPeriod, ...rest } = before
  return {
    ...rest,
    ...(!saysQuota && cpus !== undefined && { cpus }),
    ...(!saysCpus && cpuQuota !== undefined && { cpuQuota }),
    ...(!saysCpus && cpuPeriod !== undefined && { cpuPeriod }),
    ...change,
  }
}

function readSpec(store: Store, id: string): RuntimeSpec {
  return JSON.parse(readFileSync(store.paths.bundle(id).config, 'utf8')) as RuntimeSpec
}

/** Its device rules stay as they are. */
function limitsOf({ devices: _, ...limits }: RuntimeResources): Resources {
  return limits
}
