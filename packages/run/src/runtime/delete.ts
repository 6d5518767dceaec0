import { existsSync, rmSync } from 'node:fs'
import { openCgroup, signalNumber } from '@gocker/kernel'
import type { RuntimeHooks } from '@gocker/oci'
import { RunError } from '../error.ts'
import { untilProcessEnds } from '../life/process-end.ts'
import { sendSignal } from '../life/send-signal.ts'
import { placeOf, type RuntimeHome, type RuntimePlace } from './home.ts'
import { runHostHooks } from './host-hooks.ts'
import { holding, hookState, type RuntimeRecord, readConfig, readRecord, statusOf } from './state.ts'

/**
 * Takes away what was made for a container that has stopped, or, with `force`, for any.
 * @throws {RunError} `NO_SUCH_CONTAINER` unless forced, `WRONG_STATUS` for one that has not stopped, `HOOK_FAILED` when all else is done
 * @see https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#delete
 */
export async function deleteInRuntime(home: RuntimeHome, id: string, { force = false }: { force?: boolean } = {}): Promise<void> {
  const place = placeOf(home, id)
  if (force && !existsSync(place.directory)) return
  await holding(place, async () => {
    // Who made it was killed before anything was written down.
    if (force && !existsSync(place.state)) return rmSync(place.directory, { recursive: true, force: true })
    const record = readRecord(place)
    const status = statusOf(place, record)
    if (status !== 'stopped' && !force) await endIfCreated(place, record, status)
    await takeAway(place, record)
  })
}

/** What waits to be started has done nothing that could be lost. */
async function endIfCreated({ id }: RuntimePlace, record: RuntimeRecord, status: string): Promise<void> {
  if (status !== 'created')
    throw new RunError('WRONG_STATUS', `deleting container ${id}: cannot delete a container that is not stopped: ${status}`)
  if (sendSignal(record, signalNumber('SIGKILL'))) await untilProcessEnds(record)
}

async function takeAway(place: RuntimePlace, record: RuntimeRecord): Promise<void> {
  const cgroup = openCgroup(record.cgroup)
  if (record.pid > 0 && sendSignal(record, signalNumber('SIGKILL'))) await untilProcessEnds(record)
  await cgroup.kill()
  await cgroup.remove()
  const hooks: RuntimeHooks = existsSync(place.config) ? (readConfig(place).hooks ?? {}) : {}
  rmSync(place.directory, { recursive: true, force: true })
  await runHostHooks('poststop', hooks.poststop, hookState({ ...record, pid: 0 }, 'stopped'))
}
