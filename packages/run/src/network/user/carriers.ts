import { accessSync, constants, existsSync } from 'node:fs'
import { DEFAULT_NETWORK } from '../../options/network.ts'
import type { Obstacle } from '../../user-namespace/obstacles.ts'

/** Programs that carry what an ordinary user's containers send and get, in the order in which they are preferred. */
const CARRIERS = ['pasta', 'slirp4netns'] as const
export type CarrierName = (typeof CARRIERS)[number]

export interface Carrier {
  readonly name: CarrierName
  readonly path: string
}

const PACKAGES: Readonly<Record<CarrierName, string>> = { pasta: 'passt', slirp4netns: 'slirp4netns' }
/** What a container's link is made with. */
const TUN = '/dev/net/tun'
const PLACES = ['/usr/bin', '/usr/local/bin']

/** Whether this is what a user's container may be on by itself. */
export function isUserNetwork(network: string): boolean {
  return network === DEFAULT_NETWORK || isCarrier(network)
}

/**
 * What carries a user's network, or why nothing can.
 * @param path as `PATH` has it
 * @param network the program, where one was asked for
 */
export function carrierIn(path = '', network: string = DEFAULT_NETWORK): { readonly carrier: Carrier } | { readonly obstacle: Obstacle } {
  const names = CARRIERS.filter((name) => network === name || !isCarrier(network))
  const directories = [...path.split(':').filter((each) => each.startsWith('/')), ...PLACES]
  const found = names.flatMap((name) => directories.map((directory) => ({ name, path: `${directory}/${name}` })))
  const carrier = found.find((each) => may(each.path, constants.X_OK))
  if (carrier === undefined) {
    const install = `sudo apt-get install ${names.map((name) => PACKAGES[name])[0]}`
    return { obstacle: obstacle(`${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} not installed`, install) }
  }
  if (!existsSync(TUN)) return { obstacle: obstacle(`there is no ${TUN}`, 'sudo modprobe tun') }
  // It is opened as this user.
  if (!may(TUN, constants.R_OK | constants.W_OK)) return { obstacle: obstacle(`${TUN} is root's alone`, `sudo chmod 0666 ${TUN}`) }
  return { carrier }
}

function isCarrier(network: string): network is CarrierName {
  return (CARRIERS as readonly string[]).includes(network)
}

function obstacle(what: string, mend: string): Obstacle {
  return { prevents: 'network', what, mend }
}

function may(file: string, how: number): boolean {
  try {
    accessSync(file, how)
    return true
  } catch {
    return false
  }
}
