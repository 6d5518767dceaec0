import type { Store } from '@gocker/store'
import { tellNames } from './names.ts'
import { changeNetworkState } from './state.ts'

/** Lets others on its networks find a container by another name; to be called when it has that. */
export async function renameMember(store: Store, id: string, name: string): Promise<void> {
  await changeNetworkState(store, (state) => {
    const member = state.members[id]
    if (member === undefined) return
    state.members[id] = { ...member, name }
    tellNames(
      store,
      state,
      member.endpoints.map(({ networkId }) => networkId),
    )
  })
}
