import { openCgroup } from '@gocker/kernel'
import { type ContainerState, cgroupPath, isAlive, type Store } from '@gocker/store'
import { RunError } from '../error.ts'

/**
 * Removes a container that another process may have made, with its files and its cgroup.
 * @param force kills it first where it runs
 * @throws {RunError} `RUNNING`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function removeContainer(store: Store, idOrName: string, { force = false }: { force?: boolean } = {}): Promise<void> {
  const { id, name } = await store.containers.get(idOrName)
  const state = await store.containers.readState(id)
  if (state !== undefined && isRunning(state) && !force)
    throw new RunError('RUNNING', `removing container ${name}: it is running`, { hint: 'kill it first, or remove it with --force' })
  const cgroup = openCgroup(state?.cgroup ?? cgroupPath(id))
  await cgroup.kill()
  await cgroup.remove()
  await store.containers.remove(id)
}

function isRunning(state: ContainerState): boolean {
  return state.status === 'running' && isAlive(state)
}
