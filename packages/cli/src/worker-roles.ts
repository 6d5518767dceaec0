import { BUILD_THREAD_ROLE } from '@gocker/build'
import { LAYER_THREAD_ROLE } from '@gocker/pull'

/** What a worker thread of the bundle may be: one file serves as every thread's, and loads what its role needs. */
const ROLES: Record<string, () => Promise<() => void>> = {
  async [BUILD_THREAD_ROLE]() {
    const { runBuildThread } = await import('@gocker/build')
    return runBuildThread
  },
  async [LAYER_THREAD_ROLE]() {
    const { runLayerWriter } = await import('@gocker/pull')
    return runLayerWriter
  },
}

/** @throws {Error} for a role that nobody has */
export async function runWorker(role: string): Promise<void> {
  const run = await ROLES[role]?.()
  if (run === undefined) throw new Error(`starting a thread: no role ${JSON.stringify(role)}`)
  run()
}
