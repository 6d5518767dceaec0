import { BUILD_THREAD_ROLE, runBuildThread } from '@gocker/build'
import { LAYER_THREAD_ROLE, runLayerWriter } from '@gocker/pull'

/** What a worker thread of the bundle may be: one file serves as every thread's. */
const ROLES: Record<string, () => void> = {
  [BUILD_THREAD_ROLE]: runBuildThread,
  [LAYER_THREAD_ROLE]: runLayerWriter,
}

/** @throws {Error} for a role that nobody has */
export function runWorker(role: string): void {
  const run = ROLES[role]
  if (run === undefined) throw new Error(`starting a thread: no role ${JSON.stringify(role)}`)
  run()
}
