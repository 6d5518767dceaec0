import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelError } from '../error.ts'
import type { ReadFile, Setting } from './controller.ts'
import { cannotHold, readCgroupFile, writeCgroupFile } from './files.ts'
import { type Hierarchy, homeOf } from './hierarchies.ts'

/** How a version of cgroups stops processes where they stand. */
export interface Freezer {
  setting(frozen: boolean): Setting
  isFrozen(read: ReadFile): boolean
}

/** @see https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html */
export const freezerV1: Freezer = {
  setting: (frozen) => ({ file: 'freezer.state', value: frozen ? 'FROZEN' : 'THAWED' }),
  isFrozen: (read) => read('freezer.state') === 'FROZEN',
}

/** @see https://docs.kernel.org/admin-guide/cgroup-v2.html, cgroup.freeze */
const freezerV2: Freezer = {
  setting: (frozen) => ({ file: 'cgroup.freeze', value: frozen ? '1' : '0' }),
  isFrozen: (read) => /^frozen 1$/m.test(read('cgroup.events') ?? ''),
}

export interface FreezerPlace {
  readonly directory: string
  readonly freezer: Freezer
}

/** v1's controller where it is mounted; every cgroup of v2 can freeze. */
export function freezerOf(path: string, hierarchies: readonly Hierarchy[]): FreezerPlace | undefined {
  const v1 = homeOf('freezer', 'v1', hierarchies)
  if (v1 !== undefined) return { directory: join(v1.mountPoint, path), freezer: freezerV1 }
  const v2 = hierarchies.find(({ version }) => version === 'v2')
  return v2 && { directory: join(v2.mountPoint, path), freezer: freezerV2 }
}

const ATTEMPTS = 500
const PAUSE = 10

/**
 * Waits until every process stands still, or runs again.
 * @throws {KernelError} `UNSUPPORTED` where no tree can freeze; `ETIMEDOUT` when one does not within five seconds; then all run again
 */
export async function setFrozen(place: FreezerPlace | undefined, frozen: boolean): Promise<void> {
  if (place === undefined) throw cannotHold('freezer', 'neither its v1 controller nor a v2 tree is mounted here')
  const { directory, freezer } = place
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    // v1 may get stuck half way, and goes on when it is told again.
    writeCgroupFile(directory, freezer.setting(frozen))
    if (freezer.isFrozen((file) => readCgroupFile(directory, file)) === frozen) return
    await sleep(PAUSE)
  }
  writeCgroupFile(directory, freezer.setting(false))
  throw new KernelError('ETIMEDOUT', `freezing cgroup ${directory}: ETIMEDOUT (a process would not stop)`, { syscall: 'cgroup freezer' })
}
