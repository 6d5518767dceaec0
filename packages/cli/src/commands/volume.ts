import { parseLabel } from '@gocker/run'
import { openStore, type VolumeRecord } from '@gocker/store'
import type { Command } from 'commander'
import { forEachNamed } from '../for-each-named.ts'
import { printDocuments } from '../format/documents.ts'
import { fitsLabels, fitsName, readFilters, readFlag } from '../format/filters.ts'
import { type ListLayout, printList } from '../format/list.ts'
import { collect } from '../option-values.ts'
import { reclaimed } from '../terminal/amounts.ts'
import { confirmed } from '../terminal/confirm.ts'
import { labelsText, volumeDocument } from '../views/volume.ts'
import { pruneVolumes, VOLUME_PRUNE_FILTERS } from '../views/volume-prune.ts'

export function define(command: Command): void {
  command.addHelpText('after', '\nExample:\n  gocker volume create data && gocker run --rm -v data:/data debian touch /data/file')
  defineCreate(command)
  defineList(command)
  defineInspect(command)
  defineRemove(command)
  definePrune(command)
}

interface CreateFlags {
  readonly driver: string
  readonly label: readonly string[]
  readonly opt: readonly string[]
}

function defineCreate(command: Command): void {
  command
    .command('create')
    .summary('Make a volume')
    .argument('[name]', 'its name; made up unless given')
    .option('-d, --driver <name>', 'local is the only one', 'local')
    .option('--label <name=value>', 'a label', collect, [])
    .option('-o, --opt <name=value>', 'type=none, o=bind and device=DIRECTORY: a directory of the host', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  gocker volume create --label tier=db data\n  gocker volume create -o type=none -o o=bind -o device=/srv/data shared',
    )
    .action(createVolume)
}

async function createVolume(name: string | undefined, { driver, label, opt }: CreateFlags): Promise<void> {
  if (driver !== 'local') throw new Error(`creating volume ${name ?? ''}: there is no driver ${driver}, local is the only one`)
  const store = await openStore()
  const labels = Object.fromEntries(label.map(parseLabel))
  const options = Object.fromEntries(opt.map(parseLabel))
  const volume = await store.volumes.create({ name, labels, options })
  console.log(volume.name)
}

interface ListFlags {
  readonly filter: readonly string[]
  readonly format?: string
  readonly quiet?: true
}

const LAYOUT: ListLayout = {
  headings: { Driver: 'DRIVER', Name: 'VOLUME NAME', Scope: 'SCOPE', Mountpoint: 'MOUNTPOINT', Labels: 'LABELS' },
  columns: ['Driver', 'Name'],
}
const LIST_FILTERS = ['dangling', 'driver', 'label', 'label!', 'name']

function defineList(command: Command): void {
  command
    .command('ls')
    .alias('list')
    .summary('List volumes')
    .option('-f, --filter <key=value>', 'only some: name=, label=, dangling=true, driver=', collect, [])
    .option('--format <format>', 'table, json, or a template such as {{.Name}}')
    .option('-q, --quiet', 'print names alone')
    .addHelpText(
      'after',
      "\nExamples:\n  gocker volume ls\n  gocker volume ls --filter dangling=true --format '{{.Name}}: {{.Mountpoint}}'",
    )
    .action(listVolumes)
}

async function listVolumes({ filter, format, quiet }: ListFlags): Promise<void> {
  const { volumes } = await openStore()
  const filters = readFilters(filter, LIST_FILTERS)
  const dangling = readFlag(filters, 'dangling')
  const users = dangling === undefined ? undefined : await volumes.users()
  const isShown = ({ name, labels }: VolumeRecord) =>
    fitsName([name], filters.name) &&
    fitsLabels(labels, filters) &&
    (filters.driver ?? ['local']).includes('local') &&
    (users === undefined || users.has(name) !== dangling)
  const shown = (await volumes.list()).filter(isShown)
  if (quiet === true && format === undefined) for (const { name } of shown) console.log(name)
  else await printList(shown.map(rowOf), LAYOUT, { format })
}

function rowOf({ name, path, labels }: VolumeRecord) {
  return {
    Driver: 'local',
    Labels: labelsText(labels),
    Mountpoint: path,
    Name: name,
    Scope: 'local',
    Label: (label: string) => labels[label] ?? '',
  }
}

function defineInspect(command: Command): void {
  command
    .command('inspect')
    .summary('Show all that is known of volumes, as JSON')
    .argument('<volume...>', 'names')
    .option('-f, --format <template>', 'a template, such as {{.Mountpoint}}')
    .addHelpText('after', "\nExample:\n  gocker volume inspect --format '{{.Mountpoint}}' data")
    .action(inspectVolumes)
}

async function inspectVolumes(names: readonly string[], { format }: { readonly format?: string }): Promise<void> {
  const { volumes } = await openStore()
  await printDocuments(names, async (name) => volumeDocument(await volumes.get(name)), { format })
}

function defineRemove(command: Command): void {
  command
    .command('rm')
    .alias('remove')
    .summary('Remove volumes with all that is in them')
    .argument('<volume...>', 'names')
    .option('-f, --force', 'one that is not there is no error')
    .addHelpText('after', '\nExample:\n  gocker volume rm data')
    .action(removeVolumes)
}

async function removeVolumes(names: readonly string[], { force = false }: { readonly force?: boolean }): Promise<void> {
  const { volumes } = await openStore()
  await forEachNamed(names, async (name) => {
    await volumes.remove(name, { force })
    console.log(name)
  })
}

interface PruneFlags {
  readonly all?: true
  readonly filter: readonly string[]
  readonly force?: true
}

function definePrune(command: Command): void {
  command
    .command('prune')
    .summary('Remove volumes that no container has')
    .description('Remove volumes without a name of their own that no container has; with --all those with one, too')
    .option('-a, --all', 'those with a name, too')
    .option('--filter <key=value>', 'only some: label=, label!=, all=true', collect, [])
    .option('-f, --force', 'ask nothing')
    .addHelpText('after', '\nExample:\n  gocker volume prune --all --filter label=test')
    .action(prune)
}

async function prune({ all, filter, force }: PruneFlags): Promise<void> {
  const filters = readFilters(filter, VOLUME_PRUNE_FILTERS)
  const isAll = all === true || readFlag(filters, 'all') === true
  const which = isAll ? 'all volumes' : 'anonymous volumes'
  if (!(await confirmed(`This will remove ${which} not used by at least one container.`, { force: force === true }))) return
  const { removed, freed } = await pruneVolumes(await openStore(), { all: isAll, filters })
  if (removed.length > 0) console.log(`Deleted Volumes:\n${removed.join('\n')}\n`)
  console.log(reclaimed(freed))
}
