import { RunError } from '../error.ts'
import { type Network, sharedContainer } from '../options/network.ts'

/** Settings of an IPC or UTS namespace; whole families are in {@link isNamespaced}. */
const NAMESPACED = new Set([
  'kernel.domainname',
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
])

/**
 * In a network of its own nobody is in the way at a low port, and an echo request harms none but those in it: any user may.
 * @see https://docs.kernel.org/networking/ip-sysctl.html
 */
function ofOwnNetwork(lastGid: number): Record<string, string> {
  const lowPorts = { 'net.ipv4.ip_unprivileged_port_start': '0' }
  // A range has to begin with a group that there is.
  return lastGid < 0 ? lowPorts : { 'net.ipv4.ping_group_range': `0 ${lastGid}`, ...lowPorts }
}

const LAST_GID = 2 ** 31 - 1

/**
 * What docker sets, and over that what was asked for. Refuses every setting that is not the container's own but the whole machine's.
 * @param lastGid the highest group that there is
 * @throws {RunError} `INVALID_OPTION`
 * @see namespaces(7)
 */
export function sysctlsOf(asked: Readonly<Record<string, string>>, network: Network, lastGid = LAST_GID): Record<string, string> {
  const settings = Object.entries(asked).map(([name, value]) => [name.replaceAll('/', '.'), value] as const)
  for (const [name] of settings) {
    if (name.startsWith('net.') && network === 'host') throw refused(name, "the network is the host's")
    if (name.startsWith('net.') && sharedContainer(network) !== undefined) throw refused(name, "the network is another container's")
    if (!isNamespaced(name)) throw refused(name, 'the kernel has one value of it for the whole machine')
  }
  const isOwnNetwork = network !== 'host' && sharedContainer(network) === undefined
  return { ...(isOwnNetwork && ofOwnNetwork(lastGid)), ...Object.fromEntries(settings) }
}

function isNamespaced(name: string): boolean {
  return NAMESPACED.has(name) || name.startsWith('fs.mqueue.') || name.startsWith('net.')
}

function refused(name: string, why: string): RunError {
  return new RunError('INVALID_OPTION', `setting sysctl ${name}: ${why}`)
}
