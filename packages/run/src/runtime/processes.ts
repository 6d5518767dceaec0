import { openCgroup } from '@gocker/kernel'
import { placeOf, type RuntimeHome } from './home.ts'
import { readRecord } from './state.ts'

/** The pids of a container's processes, as the caller counts. @throws {RunError} `NO_SUCH_CONTAINER` */
export async function processesInRuntime(home: RuntimeHome, id: string): Promise<number[]> {
  return await openCgroup(readRecord(placeOf(home, id)).cgroup).processes()
}
