import {
  addAddress,
  addRule,
  admitPublished,
  changeLink,
  commitChanges,
  createBridge,
  deleteLink,
  findLink,
  gatewayTable,
  isolateBridge,
  KernelError,
  type Link,
  listRules,
  masqueradeSubnet,
  type Rule,
  removeRules,
} from '@gocker/kernel'
import type { NetworkDefinition, Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { allowForwarding } from './forwarding.ts'
import { macOf } from './mac.ts'
import { type Machine, TABLE } from './machine.ts'
import { bridgeOption, isDefault, mtuOption } from './network-options.ts'
import type { NetworkState } from './state.ts'
import { prefixLength, rangeOf } from './subnets.ts'
import { taker } from './taken-subnets.ts'

const DEFAULT_BRIDGES = Array.from({ length: 100 }, (_, number) => `gocker${number}`)
/** Where containers send what is for routers; without it a bridge looks for duplicates of an address of its own for more than a second. */
const ROUTER_ADDRESS = 'fe80::1/64'
const LONGEST_ALIAS = 255

/** A network that is to be there. */
export interface Wanted {
  readonly store: Store
  readonly definition: NetworkDefinition
}

/** A network's bridge as it is now. @returns undefined where it is not there, or not whole */
export function findBridge(machine: Machine, wanted: Wanted, state: NetworkState): string | undefined {
  const name = state.bridges[wanted.definition.id]
  const link = name === undefined ? undefined : findLink(machine.route, name)
  if (link === undefined || !link.up || link.alias !== markOf(wanted)) return undefined
  // Somebody may have emptied the whole rule set meanwhile.
  return listRules(machine.netfilter, TABLE).some(({ comment }) => comment === ruleMark(wanted)) ? name : undefined
}

/**
 * Makes a network's bridge with its addresses and rules. Half of one, that a killed gocker left, is completed; where it fails nothing is left.
 * @returns the name of its link
 * @throws {KernelError}, {RunError}
 */
export function makeBridge(machine: Machine, wanted: Wanted, state: NetworkState): string {
  const name = ownLink(machine, wanted, state)
  try {
    setUp(machine, wanted, name)
  } catch (error) {
    deleteLink(machine.route, name)
    throw error
  }
  state.bridges[wanted.definition.id] = name
  return name
}

/** What makeBridge has made; whoever is on it loses it. */
export function removeBridge(machine: Machine, wanted: Wanted, state: NetworkState): void {
  const name = state.bridges[wanted.definition.id]
  const link = name === undefined ? undefined : findLink(machine.route, name)
  if (link !== undefined && isOwn(link, wanted)) deleteLink(machine.route, link.index)
  removeRules(machine.netfilter, TABLE, ({ comment }) => comment === ruleMark(wanted))
  delete state.bridges[wanted.definition.id]
}

function setUp({ route, netfilter }: Machine, wanted: Wanted, name: string): void {
  const { definition } = wanted
  const mtu = mtuOption(definition)
  changeLink(route, name, { routeLocalnet: true, ipv6LinkLocal: false, ...(mtu !== undefined && { mtu }) })
  changeLink(route, name, { up: true })
  for (const { subnet, gateway } of definition.subnets) {
    const { family } = rangeOf(subnet)
    if (family === 'ipv6') giveAddress(route, name, ROUTER_ADDRESS)
    giveAddress(route, name, `${gateway}/${prefixLength(subnet)}`)
    const other = taker({ route }, subnet, name)
    if (other !== undefined)
      throw new RunError('ADDRESS_TAKEN', `making network ${definition.name}: its subnet ${subnet} overlaps ${other}`, {
        hint: 'remove one of them, or create the network with another --subnet',
      })
    if (!definition.internal) allowForwarding(family)
  }
  removeRules(netfilter, TABLE, ({ comment }) => comment === ruleMark(wanted))
  commitChanges(netfilter, [...gatewayTable(TABLE), ...rulesOf(wanted, name).map((rule) => addRule(TABLE, rule))])
  // Last: it says that all the rest is there.
  changeLink(route, name, { alias: markOf(wanted) })
}

function rulesOf(wanted: Wanted, bridge: string): Rule[] {
  const comment = ruleMark(wanted)
  const { internal, subnets } = wanted.definition
  return [
    ...isolateBridge({ bridge, internal, comment }),
    ...subnets.flatMap(({ subnet }) => [
      ...(internal ? [] : masqueradeSubnet({ bridge, subnet, comment })),
      ...admitPublished({ bridge, subnet, comment }),
    ]),
  ]
}

function giveAddress(route: Machine['route'], link: string, address: string): void {
  try {
    addAddress(route, link, address)
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== 'EEXIST') throw error
  }
}

/** A link that is this network's, made where there is none: of the default network the first free name, since other stores have one too. */
function ownLink(machine: Machine, wanted: Wanted, state: NetworkState): string {
  const { definition } = wanted
  const known = state.bridges[definition.id]
  const asked = bridgeOption(definition)
  const usual = isDefault(definition) ? DEFAULT_BRIDGES : [`gk-${definition.id.slice(0, 12)}`]
  const names = asked !== undefined ? [asked] : [...(known === undefined ? [] : [known]), ...usual]
  for (const name of names) if (claimLink(machine, wanted, name)) return name
  throw new RunError(
    'NETWORK_FAILED',
    `making network ${definition.name}: there is a link ${names.at(-1)} already, and it is not gocker's`,
    {
      hint: 'choose another name with --opt com.docker.network.bridge.name=NAME',
    },
  )
}

/** @returns false where somebody else has a link of this name */
function claimLink({ route }: Machine, wanted: Wanted, name: string): boolean {
  const [{ gateway } = { gateway: '0.0.0.0' }] = wanted.definition.subnets
  try {
    createBridge(route, { name, mac: macOf(gateway) })
    changeLink(route, name, { alias: `${ownMark(wanted)} in the making` })
    return true
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== 'EEXIST') throw error
    const link = findLink(route, name)
    return link !== undefined && isOwn(link, wanted)
  }
}

function isOwn({ alias }: Link, wanted: Wanted): boolean {
  return alias?.startsWith(ownMark(wanted)) === true
}

/** On each of its rules. */
function ruleMark({ definition }: Wanted): string {
  return `network ${definition.id.slice(0, 12)}`
}

/** What `ip link` shows of its bridge: whose it is and, so that another subnet is another bridge, what it has. */
function markOf(wanted: Wanted): string {
  const { definition, store } = wanted
  const what = definition.subnets.map(({ subnet }) => subnet).join(' ')
  const mark = `${ownMark(wanted)} ${definition.name} ${what} of ${store.paths.root}`
  return Buffer.byteLength(mark) <= LONGEST_ALIAS ? mark : `${ownMark(wanted)} ${what}`
}

function ownMark({ definition }: Wanted): string {
  return `gocker ${definition.id.slice(0, 12)}`
}
