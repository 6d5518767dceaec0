import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipe, processStartTime } from '@gocker/kernel'
import { isAlive, type ProcessIdentity, type Store } from '@gocker/store'
import { RunError } from '../../error.ts'
import { sendSignal } from '../../life/send-signal.ts'
import { DEFAULT_NETWORK } from '../../options/network.ts'
import { GATE } from '../../program/gate.ts'
import { holdPorts } from '../hold-ports.ts'
import type { Joining, PreparedNetworks } from '../prepare.ts'
import { requestedPorts } from '../prepare.ts'
import { changeNetworkState, type PublishedPort } from '../state.ts'
import { pastaIn } from './pasta.ts'

const SIGKILL = 9
const PATIENCE = 10_000
const PAUSE = 10

/**
 * A network for an ordinary user's container: pasta(1) carries what it sends and what comes for its ports, as sockets of the user's.
 * @throws {RunError} `UNSUPPORTED` for networks of gocker's, and where pasta is not there; `PORT_TAKEN`, `INVALID_OPTION`
 */
export async function prepareUserNetwork(joining: Joining): Promise<PreparedNetworks> {
  const { store, record, hostname, options } = joining
  const what = `connecting container ${record.name}`
  const { network = DEFAULT_NETWORK, endpoints = {} } = options
  if (network !== DEFAULT_NETWORK || Object.keys(endpoints).some((name) => name !== DEFAULT_NETWORK))
    throw new RunError('UNSUPPORTED', `${what}: networks between containers need root`, {
      hint: 'leave --network out, or say host or none',
    })
  const found = pastaIn(process.env.PATH)
  if ('obstacle' in found)
    throw new RunError('UNSUPPORTED', `${what}: an ordinary user's containers are connected by pasta, and ${found.obstacle.what}`, {
      hint: `${found.obstacle.mend}; or --network host, or --network none`,
    })
  const { pasta } = found
  const ports = await changeNetworkState(store, (state) => {
    const held = holdPorts(requestedPorts(joining), { ipv6: false, state })
    // Known to be free; pasta takes them itself.
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
    join(pid) {
      connect(store, record.id, { pasta, pid, ports, what })
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
  if (helper !== undefined && isAlive(helper)) sendSignal(helper, SIGKILL)
  rmSync(file, { force: true })
  await changeNetworkState(store, (state) => {
    delete state.members[id]
  })
}

interface Connecting {
  readonly pasta: string
  readonly pid: number
  readonly ports: readonly PublishedPort[]
  readonly what: string
}

function connect(store: Store, id: string, { pasta, pid, ports, what }: Connecting): void {
  const directory = store.paths.runDir(id)
  const [ready, log] = [`${directory}/pasta.pid`, `${directory}/pasta.log`]
  for (const file of [ready, log]) rmSync(file, { force: true })
  // Given open and as stdin: pasta gives its rights away before it opens a path, and closes all but the first three.
  const namespace = openSync(`/proc/${pid}/ns/net`, 'r')
  const output = openSync(log, 'w', 0o600)
  const own = ['--foreground', '--config-net', '--no-map-gw', '--netns-only', '--netns', '/proc/self/fd/0', '--pid', ready]
  const args = [...own, ...published(ports, 'tcp'), ...published(ports, 'udp'), '-T', 'none', '-U', 'none']
  try {
    const child = spawn(pasta, args, { stdio: [namespace, output, output], detached: true, cwd: '/' })
    child.on('error', () => {})
    child.unref()
    const helper = { pid: child.pid ?? 0, startTime: processStartTime(child.pid ?? 0) ?? 0 }
    keepHelper(helperFile(store, id), helper)
    untilReady(ready, { helper, log, what })
  } finally {
    closeSync(namespace)
    closeSync(output)
  }
}

function untilReady(file: string, { helper, log, what }: { helper: ProcessIdentity; log: string; what: string }): void {
  const deadline = Date.now() + PATIENCE
  const never = new Int32Array(new SharedArrayBuffer(4))
  while (text(file) === '') {
    if (hasEnded(helper.pid) || Date.now() > deadline) {
      sendSignal(helper, SIGKILL)
      const why =
        text(log)
          .trim()
          .split('\n')
          .findLast((line) => !line.includes('syslog')) ?? 'it did not begin'
      throw new RunError('NETWORK_FAILED', `${what}: pasta: ${why}`, { hint: '--network host and --network none do without it' })
    }
    Atomics.wait(never, 0, 0, PAUSE)
  }
}

function hasEnded(pid: number): boolean {
  const stat = text(`/proc/${pid}/stat`)
  return stat === '' || /\) [ZX] /.test(stat)
}

function published(ports: readonly PublishedPort[], protocol: 'tcp' | 'udp'): string[] {
  const option = protocol === 'tcp' ? '-t' : '-u'
  const asked = ports.filter((port) => port.protocol === protocol)
  if (asked.length === 0) return [option, 'none']
  return asked.flatMap(({ hostAddress, hostPort, containerPort }) => {
    const address = hostAddress === '0.0.0.0' ? '' : `${hostAddress}/`
    return [option, `${address}${hostPort}:${containerPort}`]
  })
}

/** At once, and whole or not at all: this process may be killed at any time. */
function keepHelper(file: string, helper: ProcessIdentity): void {
  writeFileSync(`${file}.new`, JSON.stringify(helper))
  renameSync(`${file}.new`, file)
}

/** Not in the container's directory, which may be gone first. */
function helperFile(store: Store, id: string): string {
  return `${dirname(store.paths.networkState)}/pasta-${id}.json`
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
