import { processStartTime } from '@gocker/kernel'
import { leaveNetworks } from './leave.ts'
import type { Joining, PreparedNetworks } from './prepare.ts'
import { sharedNamespace, sharedRecord } from './shared.ts'
import { changeNetworkState } from './state.ts'

/**
 * Finds the namespace of the container whose network another one uses, and remembers that it does.
 * @throws {RunError} `NOT_RUNNING`; {StoreError} `NOT_FOUND`
 */
export async function shareNetwork({ store, record, hostname, options }: Joining): Promise<PreparedNetworks | undefined> {
  const owner = await sharedRecord(store, options.network)
  if (owner === undefined) return undefined
  const namespace = await sharedNamespace(store, owner)
  const maker = { pid: process.pid, startTime: processStartTime(process.pid) }
  const member = { id: record.id, name: record.name, hostname, maker, endpoints: [], ports: [], sharedFrom: owner.id }
  await changeNetworkState(store, ({ members }) => {
    members[record.id] = member
  })
  return { namespace, descriptors: {}, join: () => {}, close: () => {}, giveBack: () => leaveNetworks(store, record.id) }
}
