import { imageHistory } from '@gocker/pull'
import { openStore, type Store, type StoredImage } from '@gocker/store'
import type { Command } from 'commander'
import { type ListLayout, printList, type Row } from '../format/list.ts'
import { ago, shortId, size } from '../terminal/amounts.ts'

interface HistoryFlags {
  readonly trunc: boolean
  readonly human: string | true
  readonly quiet?: true
  readonly format?: string
}

export function define(command: Command): void {
  command
    .argument('<image>', 'name or id')
    .option('--no-trunc', 'print ids and commands whole')
    .option('--human [yes]', '--human=false prints bytes and dates', true)
    .option('-q, --quiet', 'print ids alone')
    .option('--format <format>', 'table, json, or a template such as {{.Size}} {{.CreatedBy}}')
    .addHelpText('after', "\nExamples:\n  gocker history debian\n  gocker history --no-trunc --format '{{.CreatedBy}}' debian")
    .action(showHistory)
}

const LAYOUT: ListLayout = {
  headings: {
    ID: 'IMAGE',
    CreatedSince: 'CREATED',
    CreatedAt: 'CREATED AT',
    CreatedBy: 'CREATED BY',
    Size: 'SIZE',
    Comment: 'COMMENT',
  },
  columns: ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
}

async function showHistory(name: string, flags: HistoryFlags): Promise<void> {
  const store = await openStore()
  const rows = await historyRows(store, await store.images.get(name), flags)
  if (flags.quiet === true) return console.log(rows.map(({ ID }) => ID).join('\n'))
  const isHuman = flags.human !== 'false'
  const columns = LAYOUT.columns.map((column) => (column === 'CreatedSince' && !isHuman ? 'CreatedAt' : column))
  await printList(rows, { ...LAYOUT, columns }, { format: flags.format, fits: flags.trunc })
}

/** The newest first, as docker has it: only that is an image, the others are the way to it. */
async function historyRows(store: Store, image: StoredImage, { trunc, human }: HistoryFlags): Promise<Row[]> {
  const sizes = new Map<string, number>()
  for (const [at, diffID] of image.layers.entries())
    sizes.set(diffID, (await store.layers.has(diffID)) ? await store.layers.size(diffID) : (image.manifest.layers[at]?.size ?? 0))
  const id = trunc ? shortId(image.id) : image.id
  return imageHistory(image)
    .toReversed()
    .map(({ created, createdBy, comment, diffID }, at) => {
      const bytes = diffID === undefined ? 0 : (sizes.get(diffID) ?? 0)
      return {
        ID: at === 0 ? id : '<missing>',
        CreatedSince: created === undefined ? 'N/A' : ago(Date.parse(created)),
        CreatedAt: created ?? '',
        CreatedBy: trunc ? shortened(createdBy) : createdBy,
        Size: human === 'false' ? `${bytes}` : size(bytes),
        Comment: comment,
      }
    })
}

const WIDEST_COMMAND = 45

function shortened(command: string): string {
  const line = command.replace(/\s+/g, ' ')
  return line.length <= WIDEST_COMMAND ? line : `${line.slice(0, WIDEST_COMMAND - 1)}…`
}
