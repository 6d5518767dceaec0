import type { Store } from '@gocker/store'
import { readNetworkState } from '../state.ts'
import { isMemberThere } from '../sweep.ts'
import { leaveUserNetwork } from './user-network.ts'

/** Ends what connects containers that are dead: killed, with the gocker that would have seen to it. */
export async function sweepUserNetworks(store: Store): Promise<void> {
  for (const member of Object.values(readNetworkState(store).members))
    if (!(await isMemberThere(store, member))) await leaveUserNetwork(store, member.id)
}
