import type { Store } from '@gocker/store'
import { giveBack } from './give-back.ts'
import { withMachine } from './machine.ts'
import { changeNetworkState } from './state.ts'

export interface LeaveOptions {
  /** Only what a process of this pid has taken: whoever does not hold the container may come after its next start. */
  readonly takenBy?: number
}

/**
 * Gives back what a container has on networks: its names, ports and addresses. Whether its namespace is there still does not matter, and
 * nothing happens where it has none.
 * @throws {RunError} `NETWORK_FAILED`
 */
export async function leaveNetworks(store: Store, id: string, { takenBy }: LeaveOptions = {}): Promise<void> {
  await withMachine(`disconnecting container ${id.slice(0, 12)}`, (machine) =>
    changeNetworkState(store, (state) => {
      if (takenBy === undefined || state.members[id]?.maker.pid === takenBy) giveBack(machine, { store, id }, state)
    }),
  )
}
