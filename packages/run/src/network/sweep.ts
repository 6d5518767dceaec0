import { processStartTime } from '@gocker/kernel'
import { isAlive, type Store } from '@gocker/store'
import { giveBack } from './give-back.ts'
import type { Machine } from './machine.ts'
import type { Member, NetworkState } from './state.ts'

/** Takes back what containers have that died without giving it back: killed, with the gocker that would have seen to it. */
export async function sweepMembers(machine: Machine, store: Store, state: NetworkState): Promise<void> {
  for (const member of Object.values(state.members))
    if (!(await isMemberThere(store, member))) giveBack(machine, { store, id: member.id }, state)
}

/** Whether it runs, or is about to. */
export async function isMemberThere(store: Store, { id, maker }: Member): Promise<boolean> {
  if (maker.startTime !== undefined && processStartTime(maker.pid) === maker.startTime) return true
  try {
    const container = await store.containers.readState(id)
    return container !== undefined && isAlive(container)
  } catch {
    // Of one that cannot be asked nothing is taken: it may be alive, and its address would be given to another.
    return true
  }
}
