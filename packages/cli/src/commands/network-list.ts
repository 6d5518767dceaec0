import { listNetworks, type NetworkDescription } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { type Filters, fitsLabels, fitsName, readFilters } from '../format/filters.ts'
import { printList } from '../format/list.ts'
import { collect } from '../option-values.ts'
import { shortId } from '../terminal/amounts.ts'
import { labelsText } from '../views/volume.ts'

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

export function defineNetworkList(command: Command): void {
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
  const isWanted = networkFilter(readFilters(filter, LIST_FILTERS))
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
    Labels: labelsText(network.Labels),
    CreatedAt: network.Created,
  }))
  await printList(rows, LAYOUT, { format, fits: trunc })
}

const LIST_FILTERS = ['name', 'id', 'driver', 'scope', 'type', 'label', 'label!']
const BUILTIN = ['bridge', 'host', 'none']

/** Of several values of a key any will do. */
function networkFilter(filters: Filters): (network: NetworkDescription) => boolean {
  const { name, id, driver, scope, type } = filters
  return ({ Id, Name, Driver, Scope, Labels }) =>
    fitsName([Name], name) &&
    (id === undefined || id.some((text) => Id.startsWith(text))) &&
    (driver === undefined || driver.includes(Driver)) &&
    (scope === undefined || scope.includes(Scope)) &&
    (type === undefined || type.includes(BUILTIN.includes(Name) ? 'builtin' : 'custom')) &&
    fitsLabels(Labels, filters)
}
