import { openCgroup } from '@gocker/kernel'
import { RunError } from '../error.ts'
import { placeOf, type RuntimeHome } from './home.ts'
import { holding, type RuntimeStatus, readRecord, statusOf } from './state.ts'

/**
 * Makes every process of a container stand still.
 * @throws {RunError} `NO_SUCH_CONTAINER`, `WRONG_STATUS`; {KernelError} `UNSUPPORTED`, `ETIMEDOUT`
 */
export async function pauseInRuntime(home: RuntimeHome, id: string): Promise<void> {
  await setPaused(home, id, true)
}

/** Lets them go on. @throws as {@link pauseInRuntime} */
export async function resumeInRuntime(home: RuntimeHome, id: string): Promise<void> {
  await setPaused(home, id, false)
}

async function setPaused(home: RuntimeHome, id: string, paused: boolean): Promise<void> {
  const place = placeOf(home, id)
  await holding(place, async () => {
    const record = readRecord(place)
    const status = statusOf(place, record)
    const expected: readonly RuntimeStatus[] = paused ? ['running', 'created'] : ['paused']
    if (!expected.includes(status))
      throw new RunError(
        'WRONG_STATUS',
        `${paused ? 'pausing' : 'resuming'} container ${id}: it is ${status}, not ${expected.join(' or ')}`,
      )
    const cgroup = openCgroup(record.cgroup)
    await (paused ? cgroup.freeze() : cgroup.thaw())
  })
}
