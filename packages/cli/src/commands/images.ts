import { familiarName, parseReference } from '@gocker/oci'
import { openStore, type Store, type StoredImage } from '@gocker/store'
import type { Command } from 'commander'
import { agedBy, type Filters, fitsLabels, readFilters, readFlag } from '../format/filters.ts'
import { type ListLayout, printList } from '../format/list.ts'
import { collect } from '../option-values.ts'
import { ago, shortId, size } from '../terminal/amounts.ts'
import { localTime } from '../views/container-row.ts'

interface ImagesFlags {
  readonly all?: true
  readonly digests?: true
  readonly filter: readonly string[]
  readonly format?: string
  readonly quiet?: true
  readonly trunc: boolean
}

export function define(command: Command): void {
  command
    .argument('[name]', 'only images of this NAME[:TAG]')
    .option('-a, --all', 'all of them, as always: there are no hidden ones')
    .option('--digests', 'the digests that registries know them by, too')
    .option('-f, --filter <key=value>', 'only some: dangling=, label=, before=, since=, until=, reference=', collect, [])
    .option('--format <format>', 'table, json, or a template such as {{.Repository}}:{{.Tag}}')
    .option('-q, --quiet', 'print ids alone')
    .option('--no-trunc', 'print ids whole')
    .addHelpText('after', '\nExamples:\n  gocker images\n  gocker images --format json debian\n  gocker images --filter dangling=true -q')
    .action(listImages)
}

const HEADINGS = {
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  ID: 'IMAGE ID',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
  Containers: 'CONTAINERS',
}

async function listImages(name: string | undefined, flags: ImagesFlags): Promise<void> {
  const store = await openStore()
  const isWanted = await imageFilter(store, readFilters(flags.filter, IMAGE_FILTERS))
  const images = (await store.images.list()).filter(isWanted).flatMap(namesOf)
  const shown = images.filter((image) => matches(name, image))
  shown.sort((a, b) => b.created - a.created || (a.repository < b.repository ? -1 : 1))
  const id = ({ image }: NamedImage) => (flags.trunc ? shortId(image.id) : image.id)
  if (flags.quiet === true) return print([...new Set(shown.map(id))])
  // No column of the table.
  const users = flags.format === undefined ? new Map<string, number>() : await containersOf(store)
  const columns = ['Repository', 'Tag', ...(flags.digests === true ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size']
  const layout: ListLayout = { headings: HEADINGS, columns }
  const rows = shown.map((image) => rowOf(image, { id: id(image), containers: users.get(image.image.id) ?? 0 }))
  await printList(rows, layout, { format: flags.format, fits: flags.trunc })
}

/** An image under one of its names. */
interface NamedImage {
  readonly image: StoredImage
  readonly repository: string
  readonly tag: string
  readonly digest: string
  /** Milliseconds since 1970; 0 when the image does not say. */
  readonly created: number
}

function namesOf(image: StoredImage): NamedImage[] {
  const common = { image, created: Date.parse(image.created ?? '') || 0 }
  if (image.references.length === 0) return [{ ...common, repository: '<none>', tag: '<none>', digest: '<none>' }]
  return image.references.map((name) => {
    const reference = parseReference(name)
    const repository = familiarName(reference)
    return { ...common, repository, tag: reference.tag ?? '<none>', digest: digestIn(image, repository) }
  })
}

function digestIn({ repoDigests }: StoredImage, repository: string): string {
  const found = repoDigests.map(parseReference).find((reference) => familiarName(reference) === repository)
  return found?.digest ?? '<none>'
}

function matches(name: string | undefined, { repository, tag }: NamedImage): boolean {
  if (name === undefined) return true
  const wanted = parseReference(name)
  return familiarName(wanted) === repository && (!/:[^/]*$/.test(name) || wanted.tag === tag)
}

const IMAGE_FILTERS = ['dangling', 'label', 'label!', 'before', 'since', 'until', 'reference']

async function imageFilter({ images }: Store, filters: Filters): Promise<(image: StoredImage) => boolean> {
  const dangling = readFlag(filters, 'dangling')
  const createdOf = async (name: string | undefined) => (name === undefined ? undefined : ((await images.get(name)).created ?? ''))
  const [before, since] = await Promise.all([createdOf(filters.before?.at(-1)), createdOf(filters.since?.at(-1))])
  const isOld = agedBy(filters)
  const patterns = filters.reference?.map(referencePattern)
  return ({ references, created = '', config }) =>
    (dangling === undefined || (references.length === 0) === dangling) &&
    (before === undefined || created < before) &&
    (since === undefined || created > since) &&
    isOld(created) &&
    (patterns === undefined || references.some((name) => patterns.some((pattern) => pattern.test(familiarText(name))))) &&
    fitsLabels(config.config?.Labels ?? {}, filters)
}

function familiarText(name: string): string {
  const reference = parseReference(name)
  return `${familiarName(reference)}:${reference.tag ?? ''}`
}

/** As docker's: `*` is any part of one component; a tag that is not said is any. */
function referencePattern(text: string): RegExp {
  const source = text
    .replace(/[\\^$.|+(){}]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  return new RegExp(`^${source}${/:[^/]*$/.test(text) ? '' : ':[^/]*'}$`)
}

async function containersOf({ containers }: Store): Promise<Map<string, number>> {
  const users = new Map<string, number>()
  for (const { image } of await containers.list()) if (image !== undefined) users.set(image.id, (users.get(image.id) ?? 0) + 1)
  return users
}

function rowOf({ image, repository, tag, digest, created }: NamedImage, { id, containers }: { id: string; containers: number }) {
  return {
    Containers: `${containers}`,
    CreatedAt: created > 0 ? localTime(new Date(created)) : '',
    CreatedSince: created > 0 ? ago(created) : 'N/A',
    Digest: digest,
    ID: id,
    Repository: repository,
    Size: size(image.size),
    Tag: tag,
  }
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) console.log(lines.join('\n'))
}
