import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { launch, pidfdOpen, processStartTime } from '@gocker/kernel'
import { isAlive, type ProcessIdentity } from '@gocker/store'
import { RunError } from '../../error.ts'
import { sendSignal } from '../../life/send-signal.ts'
import type { PublishedPort } from '../state.ts'
import { CARRIER_DESCRIPTORS, carrierProgram, WATCHING } from './carrier-program.ts'
import type { Carrier } from './carriers.ts'
import { pastaArguments } from './pasta.ts'
import { publishBySlirp, slirpArguments } from './slirp4netns.ts'

const SIGKILL = 9
const PATIENCE = 10_000
const PAUSE = 10
const SOCKET = 'network.sock'

export interface Connecting {
  readonly carrier: Carrier
  /** Of the container's first process. */
  readonly pid: number
  readonly ports: readonly PublishedPort[]
  /** Where files may be, while the container lives. */
  readonly directory: string
  /** Told at once what is to be killed. */
  readonly begun: (watcher: ProcessIdentity) => void
  readonly what: string
}

/**
 * Connects a container's network namespace with the world.
 * @throws {RunError} `NETWORK_FAILED`
 */
export async function connect(connecting: Connecting): Promise<void> {
  const { carrier, directory, ports, begun, what } = connecting
  const [ready, log, socket] = ['network.ready', 'network.log', SOCKET].map((name) => `${directory}/${name}`) as [string, string, string]
  for (const file of [ready, log, socket]) rmSync(file, { force: true })
  const args = carrier.name === 'pasta' ? pastaArguments(ready, ports) : slirpArguments(SOCKET)
  const watcher = await start([carrier.path, ...args], connecting, { ready, log })
  begun(watcher)
  untilReady(ready, { watcher, failed: () => failure(what, carrier, log) })
  if (carrier.name === 'slirp4netns') publishBySlirp(socket, ports)
}

interface Files {
  readonly ready: string
  readonly log: string
}

async function start(
  command: readonly [string, ...string[]],
  { pid, directory }: Connecting,
  { ready, log }: Files,
): Promise<ProcessIdentity> {
  const open: number[] = []
  const opened = (descriptor: number) => {
    open.push(descriptor)
    return descriptor
  }
  try {
    const namespace = opened(openSync(`/proc/${pid}/ns/net`, 'r'))
    const output = opened(openSync(log, 'w', 0o600))
    const launched = await launch(carrierProgram(command), {
      title: 'gocker: carries a network',
      stdio: [namespace, output, output],
      descriptors: {
        [CARRIER_DESCRIPTORS.container]: opened(pidfdOpen(pid)),
        [CARRIER_DESCRIPTORS.ready]: opened(openSync(ready, 'w', 0o600)),
      },
      directory,
      cwd: directory,
      detached: true,
    })
    const [watcher = 0n] = await launched.report(WATCHING)
    launched.release()
    return { pid: Number(watcher), startTime: processStartTime(Number(watcher)) ?? 0 }
  } finally {
    for (const descriptor of open) closeSync(descriptor)
  }
}

function untilReady(file: string, { watcher, failed }: { watcher: ProcessIdentity; failed: () => RunError }): void {
  const deadline = Date.now() + PATIENCE
  const never = new Int32Array(new SharedArrayBuffer(4))
  while (text(file) === '') {
    if (!isAlive(watcher) || Date.now() > deadline) {
      sendSignal(watcher, SIGKILL)
      throw failed()
    }
    Atomics.wait(never, 0, 0, PAUSE)
  }
}

function failure(what: string, { name }: Carrier, log: string): RunError {
  const lines = text(log).trim().split('\n')
  const why = lines.findLast((line) => line !== '' && !line.includes('syslog')) ?? 'it did not begin'
  return new RunError('NETWORK_FAILED', `${what}: ${name}: ${why}`, { hint: '--network host and --network none do without it' })
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
