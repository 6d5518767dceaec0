import { familiarName, parseReference } from '@gocker/oci'
import { openStore, type StoredImage } from '@gocker/store'
import { type Command, Option } from 'commander'
import { ago, shortId, size } from '../terminal/amounts.ts'
import { table } from '../terminal/table.ts'

interface ImagesFlags {
  readonly quiet?: true
  readonly trunc: boolean
  readonly format?: string
}

export function define(command: Command): void {
  command
    .argument('[name]', 'only images of this NAME[:TAG]')
    .option('-q, --quiet', 'print ids alone')
    .option('--no-trunc', 'print ids whole')
    .addOption(new Option('--format <format>', 'a table, or one JSON object a line').choices(['table', 'json']))
    .addHelpText('after', '\nExamples:\n  gocker images\n  gocker images --format json debian')
    .action(listImages)
}

async function listImages(name: string | undefined, flags: ImagesFlags): Promise<void> {
  const store = await openStore()
  const rows = (await store.images.list()).flatMap(rowsOf).filter(({ repository, tag }) => matches(name, repository, tag))
  rows.sort((a, b) => b.created - a.created || (a.repository < b.repository ? -1 : 1))
  const id = (row: ImageRow) => (flags.trunc ? shortId(row.id) : row.id)
  if (flags.quiet === true) return print([...new Set(rows.map(id))])
  if (flags.format === 'json') return print(rows.map((row) => JSON.stringify(jsonOf(row, id(row)))))
  const cells = rows.map((row) => [row.repository, row.tag, id(row), row.created > 0 ? ago(row.created) : 'unknown', size(row.size)])
  console.log(table(['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'], cells))
}

interface ImageRow {
  readonly repository: string
  readonly tag: string
  readonly id: string
  /** Milliseconds since 1970; 0 when the image does not say. */
  readonly created: number
  readonly size: number
}

function rowsOf(image: StoredImage): ImageRow[] {
  const common = { id: image.id, created: Date.parse(image.created ?? '') || 0, size: image.size }
  if (image.references.length === 0) return [{ ...common, repository: '<none>', tag: '<none>' }]
  return image.references.map((name) => {
    const reference = parseReference(name)
    return { ...common, repository: familiarName(reference), tag: reference.tag ?? '<none>' }
  })
}

function matches(name: string | undefined, repository: string, tag: string): boolean {
  if (name === undefined) return true
  const wanted = parseReference(name)
  return familiarName(wanted) === repository && (!/:[^/]*$/.test(name) || wanted.tag === tag)
}

function jsonOf({ repository, tag, created, size: bytes }: ImageRow, id: string) {
  return { Repository: repository, Tag: tag, ID: id, CreatedAt: created > 0 ? new Date(created).toISOString() : '', Size: size(bytes) }
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) console.log(lines.join('\n'))
}
