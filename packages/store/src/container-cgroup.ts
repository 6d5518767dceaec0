import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { openCgroup } from '@gocker/kernel'
import type { ContainerState } from './container-state.ts'
import { cgroupPath } from './paths.ts'
import type { Pruning } from './pruning.ts'

/** Ends what is left inside the cgroup of a container whose first process is gone, and removes it from every tree. */
export async function pruneCgroup({ remove }: Pruning, id: string, state: ContainerState | undefined): Promise<void> {
  const path = cgroupOf(id, state)
  await remove('cgroup', path, async () => {
    const cgroup = openCgroup(path)
    if (!cgroup.procsFiles.some((file) => existsSync(file))) return undefined
    await cgroup.kill()
    await cgroup.remove()
    return 0
  })
}

/** What a state file says is believed only of the container's own cgroup: everything inside is about to be killed. */
function cgroupOf(id: string, state: ContainerState | undefined): string {
  const said = state?.cgroup
  return said !== undefined && basename(said).includes(id) ? said : cgroupPath(id)
}
