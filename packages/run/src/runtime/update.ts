import { openCgroup } from '@gocker/kernel'
import type { RuntimeResources } from '@gocker/oci'
import { RunError } from '../error.ts'
import { withDefaultDevices } from './cgroup-place.ts'
import { readResources } from './config/read-bundle.ts'
import { placeOf, type RuntimeHome } from './home.ts'
import { holding, readConfig, readRecord, statusOf, writeWhole } from './state.ts'

/**
 * Changes a container's limits; what is not named stays as it is.
 * @param resources JSON of the specification's `linux.resources`
 * @throws {RunError} `NO_SUCH_CONTAINER`, `WRONG_STATUS`, `INVALID_SPEC`, `UNSUPPORTED`; {KernelError} for what cannot be held
 */
export async function updateInRuntime(home: RuntimeHome, id: string, resources: string): Promise<void> {
  const changes = readResources(resources)
  const place = placeOf(home, id)
  await holding(place, async () => {
    const record = readRecord(place)
    const status = statusOf(place, record)
    if (status === 'stopped') throw new RunError('WRONG_STATUS', `updating container ${id}: it has stopped`)
    const asked = changes.devices === undefined ? changes : withDefaultDevices(changes)
    await openCgroup(record.cgroup).update(asked)
    const spec = readConfig(place)
    const merged = mergedResources(spec.linux.resources ?? {}, asked)
    writeWhole(place.config, JSON.stringify({ ...spec, linux: { ...spec.linux, resources: merged } }))
  })
}

function mergedResources(before: RuntimeResources, changes: RuntimeResources): RuntimeResources {
  const { memory, cpu, pids, blockIO, unified } = before
  return {
    ...before,
    ...changes,
    ...((memory ?? changes.memory) && { memory: { ...memory, ...changes.memory } }),
    ...((cpu ?? changes.cpu) && { cpu: { ...cpu, ...changes.cpu } }),
    ...((pids ?? changes.pids) && { pids: { limit: -1, ...pids, ...changes.pids } }),
    ...((blockIO ?? changes.blockIO) && { blockIO: { ...blockIO, ...changes.blockIO } }),
    ...((unified ?? changes.unified) && { unified: { ...unified, ...changes.unified } }),
  }
}
