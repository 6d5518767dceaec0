import {
  connectNetwork,
  createNetwork,
  describeNetwork,
  disconnectNetwork,
  type NetworkDescription,
  parseIp,
  parseIp6,
  parseLabel,
  parseNetworkAlias,
  removeNetwork,
} from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { forEachNamed } from '../for-each-named.ts'
import { compileTemplate } from '../format/template.ts'
import { dictionary } from '../format/values.ts'
import { collect } from '../option-values.ts'
import { defineNetworkList } from './network-list.ts'
import { defineNetworkPrune } from './network-prune.ts'

export function define(command: Command): void {
  defineCreate(command)
  defineNetworkList(command)
  defineInspect(command)
  defineConnect(command)
  defineDisconnect(command)
  defineRemove(command)
  defineNetworkPrune(command)
}

interface CreateFlags {
  readonly driver: string
  readonly subnet: readonly string[]
  readonly gateway: readonly string[]
  readonly ipRange: readonly string[]
  readonly ipv6?: true
  readonly internal?: true
  readonly label: readonly string[]
  readonly opt: readonly string[]
}

function defineCreate(command: Command): void {
  command
    .command('create')
    .summary('Make a network')
    .description('Make a network: a bridge of its own, whose containers find each other by their names')
    .argument('<name>', 'name of the network')
    .option('-d, --driver <driver>', 'bridge is the only one', 'bridge')
    .option('--subnet <prefix>', 'its addresses, such as 10.1.2.0/24; once more for IPv6', collect, [])
    .option('--gateway <address>', "the host's own address in a subnet", collect, [])
    .option('--ip-range <prefix>', 'the part of a subnet that containers get their addresses from', collect, [])
    .option('--ipv6', 'IPv6 too: a local subnet where none is given')
    .option('--internal', 'no way out: containers reach each other and the host alone')
    .option('--label <name=value>', 'a label', collect, [])
    .option('-o, --opt <name=value>', 'com.docker.network.bridge.name, com.docker.network.driver.mtu', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  gocker network create backend\n  gocker network create --subnet 10.1.2.0/24 --ipv6 --internal vault',
    )
    .action(create)
}

async function create(name: string, { subnet, gateway, ipRange, label, opt, driver, ipv6, internal }: CreateFlags): Promise<void> {
  const { id } = await createNetwork({
    store: await openStore(),
    name,
    driver,
    subnets: subnet,
    gateways: gateway,
    ranges: ipRange,
    ipv6: ipv6 === true,
    internal: internal === true,
    labels: Object.fromEntries(label.map(parseLabel)),
    options: Object.fromEntries(opt.map(parseLabel)),
  })
  console.log(id)
}

function defineInspect(command: Command): void {
  command
    .command('inspect')
    .summary('Show all that is known of networks, as JSON')
    .argument('<network...>', 'names or ids')
    .option('-f, --format <template>', 'a template, such as {{json .Containers}}')
    .addHelpText('after', "\nExample:\n  gocker network inspect --format '{{(index .IPAM.Config 0).Subnet}}' backend")
    .action(inspect)
}

async function inspect(names: readonly string[], { format }: { readonly format?: string }): Promise<void> {
  const store = await openStore()
  const found: NetworkDescription[] = []
  await forEachNamed(names, async (name) => {
    found.push(await describeNetwork(store, name))
  })
  if (format === undefined || format === 'json') console.log(JSON.stringify(found, undefined, 2))
  else for (const network of found) console.log(compileTemplate(format)(withDictionaries(network)))
}

/** What docker has as Go's maps. */
function withDictionaries({ Containers, Options, Labels, ...network }: NetworkDescription): Record<string, unknown> {
  return { ...network, Containers: dictionary(Containers), Options: dictionary(Options), Labels: dictionary(Labels) }
}

interface ConnectFlags {
  readonly alias: readonly string[]
  readonly ip?: string
  readonly ip6?: string
}

function defineConnect(command: Command): void {
  command
    .command('connect')
    .summary('Put a container on one more network')
    .argument('<network>', 'name or id of a network')
    .argument('<container>', 'name or id of a container, running or not')
    .option('--alias <name>', 'one more name for it there', collect, [])
    .option('--ip <address>', 'its IPv4 address there')
    .option('--ip6 <address>', 'its IPv6 address there')
    .addHelpText('after', '\nExample:\n  gocker network connect --alias db backend postgres')
    .action(connect)
}

async function connect(network: string, container: string, { alias, ip, ip6 }: ConnectFlags): Promise<void> {
  await connectNetwork({
    store: await openStore(),
    network,
    container,
    ...(alias.length > 0 && { aliases: alias.map(parseNetworkAlias) }),
    ...(ip !== undefined && { ip: parseIp(ip) }),
    ...(ip6 !== undefined && { ip6: parseIp6(ip6) }),
  })
}

function defineDisconnect(command: Command): void {
  command
    .command('disconnect')
    .summary('Take a container off a network')
    .argument('<network>', 'name or id of a network')
    .argument('<container>', 'name or id of a container')
    .option('-f, --force', 'for those who are used to it: nothing is asked')
    .addHelpText('after', '\nExample:\n  gocker network disconnect bridge web')
    .action(async (network: string, container: string) => disconnectNetwork({ store: await openStore(), network, container }))
}

function defineRemove(command: Command): void {
  command
    .command('rm')
    .alias('remove')
    .summary('Remove networks')
    .argument('<network...>', 'names or ids of networks that no running container is on')
    .option('-f, --force', 'say nothing of networks that are not there')
    .addHelpText('after', '\nExample:\n  gocker network rm backend')
    .action(remove)
}

async function remove(names: readonly string[], { force }: { readonly force?: true }): Promise<void> {
  const store = await openStore()
  await forEachNamed(names, async (name) => {
    if (force === true && (await store.networks.find(name)) === undefined) return
    console.log(await removeNetwork(store, name))
  })
}
