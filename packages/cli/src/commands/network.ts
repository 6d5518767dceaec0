import {
  connectNetwork,
  createNetwork,
  describeNetwork,
  disconnectNetwork,
  listNetworks,
  type NetworkDescription,
  parseIp,
  parseIp6,
  parseLabel,
  parseNetworkAlias,
  pruneNetworks,
  removeNetwork,
} from '@gocker/run'
import { openStore } from '@gocker/store'
import { type Command, InvalidArgumentError } from 'commander'
import { forEachNamed } from '../for-each-named.ts'
import { printList } from '../format/list.ts'
import { compileTemplate } from '../format/template.ts'
import { dictionary } from '../format/values.ts'
import { collect } from '../option-values.ts'
import { shortId } from '../terminal/amounts.ts'

export function define(command: Command): void {
  defineCreate(command)
  defineList(command)
  defineInspect(command)
  defineConnect(command)
  defineDisconnect(command)
  defineRemove(command)
  definePrune(command)
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

interface ListFlags {
  readonly filter: readonly string[]
  readonly format?: string
  readonly quiet?: true
  readonly trunc: boolean
}

const LAYOUT = {
  headings: {
    ID: 'NETWORK ID',
    Name: 'NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    IPv4: 'IPV4',
    IPv6: 'IPV6',
    Internal: 'INTERNAL',
    Labels: 'LABELS',
    CreatedAt: 'CREATED AT',
  },
  columns: ['ID', 'Name', 'Driver', 'Scope'],
}

function defineList(command: Command): void {
  command
    .command('ls')
    .alias('list')
    .summary('List networks')
    .option('-f, --filter <name=value>', 'only some: name=, id=, driver=, label=, type=custom or builtin', collect, [])
    .option('--format <format>', 'table, json, or a template such as {{.Name}}')
    .option('-q, --quiet', 'print ids alone')
    .option('--no-trunc', 'print ids whole')
    .addHelpText('after', "\nExamples:\n  gocker network ls\n  gocker network ls --filter type=custom --format '{{.Name}}'")
    .action(list)
}

async function list({ filter, format, quiet, trunc }: ListFlags): Promise<void> {
  const isWanted = readFilters(filter, LIST_FILTERS)
  const networks = (await listNetworks(await openStore())).filter(isWanted)
  const id = ({ Id }: NetworkDescription) => (trunc ? shortId(Id) : Id)
  if (quiet === true) {
    for (const network of networks) console.log(id(network))
    return
  }
  const rows = networks.map((network) => ({
    ID: id(network),
    Name: network.Name,
    Driver: network.Driver,
    Scope: network.Scope,
    IPv4: `${network.EnableIPv4}`,
    IPv6: `${network.EnableIPv6}`,
    Internal: `${network.Internal}`,
    Labels: labelsText(network),
    CreatedAt: network.Created,
  }))
  await printList(rows, LAYOUT, { format, fits: trunc })
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

function definePrune(command: Command): void {
  command
    .command('prune')
    .summary('Remove networks that no container uses')
    .description('Remove networks that no container uses, and what a gocker that was killed has left of others')
    .option('--filter <name=value>', 'only some: label=, label!=, until=24h', collect, [])
    .option('-f, --force', 'for those who are used to it: nothing is asked')
    .addHelpText('after', '\nExample:\n  gocker network prune')
    .action(prune)
}

async function prune({ filter }: { readonly filter: readonly string[] }): Promise<void> {
  const wanted = readFilters(filter, PRUNE_FILTERS)
  const removed = await pruneNetworks(await openStore(), {
    which: ({ labels, created }) => wanted({ Labels: labels, Created: created } as NetworkDescription),
  })
  for (const name of removed) console.log(name)
}

type Filter = (network: NetworkDescription, value: string) => boolean

const LABEL_FILTERS: Readonly<Record<string, Filter>> = { label: hasLabel, 'label!': (network, value) => !hasLabel(network, value) }
const PRUNE_FILTERS: Readonly<Record<string, Filter>> = {
  ...LABEL_FILTERS,
  until: ({ Created }, value) => Date.parse(Created) < untilTime(value),
}
const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  ...LABEL_FILTERS,
  name: ({ Name }, value) => Name.includes(value),
  id: ({ Id }, value) => Id.startsWith(value),
  driver: ({ Driver }, value) => Driver === value,
  scope: ({ Scope }, value) => Scope === value,
  type: ({ Name }, value) => (value === 'builtin') === ['bridge', 'host', 'none'].includes(Name),
}

/** Of one name any value does, of several names all must. */
function readFilters(texts: readonly string[], filters: Readonly<Record<string, Filter>>): (network: NetworkDescription) => boolean {
  const asked = new Map<string, string[]>()
  for (const text of texts) {
    const [, name = '', value = ''] = /^(\w+!?)=(.*)$/s.exec(text) ?? []
    if (filters[name] === undefined)
      throw new InvalidArgumentError(`--filter ${JSON.stringify(text)}: there are ${Object.keys(filters).join('=, ')}=`)
    asked.set(name, [...(asked.get(name) ?? []), value])
  }
  return (network) => [...asked].every(([name, values]) => values.some((value) => filters[name]?.(network, value) === true))
}

function hasLabel({ Labels }: NetworkDescription, value: string): boolean {
  const [, name = value, wanted] = /^([^=]*)=(.*)$/s.exec(value) ?? []
  return wanted === undefined ? name in Labels : Labels[name] === wanted
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `24h`, `1h30m`, or a date. */
function untilTime(text: string): number {
  if (/^(?:\d+[smhd])+$/.test(text)) {
    const spans = Array.from(text.matchAll(/(\d+)([smhd])/g), ([, count, unit = 's']) => Number(count) * (SECONDS[unit] ?? 1))
    return Date.now() - spans.reduce((total, seconds) => total + seconds, 0) * 1000
  }
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  throw new InvalidArgumentError(`--filter until=${text}: write a time such as 24h or 1h30m, or a date`)
}

function labelsText({ Labels }: NetworkDescription): string {
  return Object.entries(Labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}
