import { closeSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipe, processStartTime } from '@gocker/kernel'
import { isAlive, type ProcessIdentity, type Store } from '@gocker/store'
import { RunError } from '../../error.ts'
import { untilProcessEnds } from '../../life/process-end.ts'
import { sendSignal } from '../../life/send-signal.ts'
import { DEFAULT_NETWORK } from '../../options/network.ts'
import { GATE } from '../../program/gate.ts'
import { holdPorts } from '../hold-ports.ts'
import type { Joining, PreparedNetworks } from '../prepare.ts'
import { requestedPorts } from '../prepare.ts'
import { changeNetworkState } from '../state.ts'
import { carrierIn, isUserNetwork } from './carriers.ts'
import { connect } from './connect.ts'

const SIGKILL = 9

/**
 * A network for an ordinary user's container: pasta(1) or slirp4netns(1) carries what it sends and what comes for its ports, as sockets of the user's.
 * @throws {RunError} `UNSUPPORTED` for networks of gocker's, and where neither is there; `PORT_TAKEN`, `INVALID_OPTION`
 */
export async function prepareUserNetwork(joining: Joining): Promise<PreparedNetworks> {
  const { store, record, hostname, options } = joining
  const what = `connecting container ${record.name}`
  const { network = DEFAULT_NETWORK, endpoints = {} } = options
  if (!isUserNetwork(network) || Object.keys(endpoints).some((name) => name !== network))
    throw new RunError('UNSUPPORTED', `${what}: networks between containers need root`, {
      hint: 'leave --network out, or say pasta, slirp4netns, host or none',
    })
  const found = carrierIn(process.env.PATH, network)
  if ('obstacle' in found)
    throw new RunError(
      'UNSUPPORTED',
      `${what}: an ordinary user's containers are connected by pasta or slirp4netns, and ${found.obstacle.what}`,
      {
        hint: `${found.obstacle.mend}; or --network host, or --network none`,
      },
    )
  const { carrier } = found
  const ports = await changeNetworkState(store, (state) => {
    const held = holdPorts(requestedPorts(joining), { ipv6: false, state })
    // Known to be free; the carrier takes them itself.
    for (const descriptor of held.descriptors) closeSync(descriptor)
    const maker = { pid: process.pid, startTime: processStartTime(process.pid) }
    state.members[record.id] = { id: record.id, name: record.name, hostname, maker, endpoints: [], ports: held.ports }
    return held.ports
  })
  const gate = pipe()
  let isOpen = true
  const close = () => {
    if (!isOpen) return
    isOpen = false
    for (const descriptor of [gate.read, gate.write]) closeSync(descriptor)
  }
  return {
    facts: { ports: 0 },
    descriptors: { [GATE]: gate.read },
    async join(pid) {
      const begun = (watcher: ProcessIdentity) => keepHelper(helperFile(store, record.id), watcher)
      await connect({ carrier, pid, ports, directory: store.paths.runDir(record.id), begun, what })
      writeSync(gate.write, '!')
    },
    close,
    async giveBack() {
      close()
      await leaveUserNetwork(store, record.id)
    },
  }
}

/** Ends what connects a container, as often as one likes. */
export async function leaveUserNetwork(store: Store, id: string): Promise<void> {
  const file = helperFile(store, id)
  const helper = readHelper(file)
  if (helper !== undefined && isAlive(helper)) {
    sendSignal(helper, SIGKILL)
    // Its ports are free then, for the next start.
    await untilProcessEnds(helper)
  }
  rmSync(file, { force: true })
  await changeNetworkState(store, (state) => {
    delete state.members[id]
  })
}

/** At once, and whole or not at all: this process may be killed at any time. */
function keepHelper(file: string, helper: ProcessIdentity): void {
  writeFileSync(`${file}.new`, JSON.stringify(helper))
  renameSync(`${file}.new`, file)
}

/** Not in the container's directory, which may be gone first. */
function helperFile(store: Store, id: string): string {
  return `${dirname(store.paths.networkState)}/carrier-${id}.json`
}

function readHelper(file: string): ProcessIdentity | undefined {
  const content = text(file)
  return content === '' ? undefined : (JSON.parse(content) as ProcessIdentity)
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
