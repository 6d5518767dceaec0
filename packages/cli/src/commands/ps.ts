import { openStore, type Store } from '@gocker/store'
import { type Command, InvalidArgumentError } from 'commander'
import { readFilters } from '../format/filters.ts'
import { type ListLayout, printList } from '../format/list.ts'
import { collect } from '../option-values.ts'
import { shortId } from '../terminal/amounts.ts'
import { type Colour, coloured } from '../terminal/colour.ts'
import { type ContainerView, containerSizes, imageConfigOf, viewContainers } from '../views/container.ts'
import { CONTAINER_FILTERS, containerFilter, type FilteredContainer } from '../views/container-filters.ts'
import { containerRow } from '../views/container-row.ts'
import { exposedPorts, type PortBindings, portBindings } from '../views/ports.ts'

interface PsFlags {
  readonly all?: true
  readonly filter: readonly string[]
  readonly format?: string
  readonly last?: number
  readonly latest?: true
  readonly quiet?: true
  readonly size?: true
  readonly trunc: boolean
}

export function define(command: Command): void {
  command
    .option('-a, --all', 'also those that do not run')
    .option('-f, --filter <key=value>', 'only some, such as status=exited, label=a=b, name=web, ancestor=debian', collect, [])
    .option('--format <format>', "table, json, or a template such as '{{.Names}}: {{.Status}}'")
    .option('-n, --last <number>', 'the ones made last, running or not', readCount)
    .option('-l, --latest', 'the one made last, running or not')
    .option('-q, --quiet', 'print ids alone')
    .option('-s, --size', 'how much they have written')
    .option('--no-trunc', 'print ids and commands whole')
    .addHelpText('after', "\nExamples:\n  gocker ps -a\n  gocker ps --filter health=unhealthy --format 'table {{.Names}}\\t{{.Status}}'")
    .action(listContainers)
}

function readCount(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number)) return number
  throw new InvalidArgumentError('not a whole number')
}

const HEADINGS = {
  ID: 'CONTAINER ID',
  Image: 'IMAGE',
  Command: 'COMMAND',
  RunningFor: 'CREATED',
  Status: 'STATUS',
  Ports: 'PORTS',
  Names: 'NAMES',
  Size: 'SIZE',
  CreatedAt: 'CREATED AT',
  Labels: 'LABELS',
  LocalVolumes: 'LOCAL VOLUMES',
  Mounts: 'MOUNTS',
  Networks: 'NETWORKS',
  State: 'STATE',
}
const COLUMNS = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names']

async function listContainers(flags: PsFlags): Promise<void> {
  const store = await openStore()
  const containers = await wanted(store, flags)
  if (flags.quiet === true) {
    for (const { view } of containers) console.log(flags.trunc ? shortId(view.record.id) : view.record.id)
    return
  }
  const needsSize = flags.size === true || /\.Size\b/.test(flags.format ?? '')
  const rows = []
  for (const { view, ports } of containers) {
    const sizes = needsSize ? await containerSizes(store, view.record) : undefined
    rows.push(containerRow(view, { trunc: flags.trunc, ports, sizes }))
  }
  const layout: ListLayout = { headings: HEADINGS, columns: flags.size === true ? [...COLUMNS, 'Size'] : COLUMNS, paint }
  await printList(rows, layout, { format: flags.format, fits: flags.trunc })
}

async function wanted(store: Store, { all, filter, last, latest }: PsFlags): Promise<FilteredContainer[]> {
  const filters = readFilters(filter, CONTAINER_FILTERS)
  const isWanted = await containerFilter(store, filters)
  const count = latest === true ? 1 : (last ?? -1)
  // These ask for containers that do not run, too.
  const isEvery = all === true || count > 0 || filters.status !== undefined || filters.exited !== undefined
  const views = await viewContainers(store, (status) => isEvery || isUp(status))
  const containers = await Promise.all(views.map(async (view) => ({ view, ports: await portsOf(store, view) })))
  const fitting = containers.filter(isWanted)
  return count > 0 ? fitting.slice(0, count) : fitting
}

function isUp(status: string): boolean {
  return status === 'running' || status === 'paused' || status === 'restarting'
}

/** None of one that does not run. */
async function portsOf(store: Store, { record, settings, networks, now }: ContainerView): Promise<PortBindings> {
  if (!isUp(now.status)) return {}
  return portBindings(networks, exposedPorts(await imageConfigOf(store, record), settings))
}

function paint(cell: string, field: string): string {
  const colour = field === 'Status' ? colourOf(cell) : undefined
  return colour === undefined ? cell : coloured(colour, cell)
}

function colourOf(status: string): Colour | undefined {
  if (/\(unhealthy/.test(status)) return 'red'
  if (/^Restarting|\(Paused|\(health: starting/.test(status)) return 'yellow'
  if (status.startsWith('Up')) return 'green'
  return /^Exited \(0\)|^Created/.test(status) ? 'dim' : 'red'
}
