import { DOCKER_HUB } from '@gocker/oci'
import { registryName, type SearchResult, searchRegistry } from '@gocker/pull'
import { type Command, InvalidArgumentError } from 'commander'
import { type AuthFileFlag, addAuthFileFlag, authEnvironment } from '../auth-file-flag.ts'
import { readFilters, readFlag } from '../format/filters.ts'
import { type ListLayout, printList } from '../format/list.ts'
import { interruptible } from '../interrupt.ts'
import { collect, naturalNumber } from '../option-values.ts'

interface SearchFlags extends AuthFileFlag {
  readonly limit: string
  readonly filter: readonly string[]
  readonly format?: string
  readonly trunc: boolean
  readonly insecure?: true
}

export function define(command: Command): void {
  command
    .argument('<term>', 'a part of the name; REGISTRY/TERM looks at another registry than Docker Hub, and REGISTRY/ lists it')
    .option('--limit <number>', 'results at most', '25')
    .option('-f, --filter <key=value>', 'only some: stars=, is-official=', collect, [])
    .option('--format <format>', 'table, json, or a template such as {{.Name}}: {{.StarCount}}')
    .option('--no-trunc', 'print descriptions whole')
    .option('--insecure', 'allow plain http and certificates that cannot be verified')
  addAuthFileFlag(command)
    .addHelpText('after', '\nExamples:\n  gocker search postgres\n  gocker search --filter stars=100 localhost:5000/app')
    .action(search)
}

const LAYOUT: ListLayout = {
  headings: { Name: 'NAME', Description: 'DESCRIPTION', StarCount: 'STARS', IsOfficial: 'OFFICIAL' },
  columns: ['Name', 'Description', 'StarCount', 'IsOfficial'],
}

const WIDEST_DESCRIPTION = 60

async function search(text: string, flags: SearchFlags): Promise<void> {
  const { registry, term } = whereAndWhat(text)
  const limit = naturalNumber(flags.limit, '--limit')
  if (limit === 0) throw new InvalidArgumentError('--limit 0: that would find nothing')
  const isWanted = filterOf(flags.filter)
  const options = { registry, term, limit, insecure: flags.insecure, environment: authEnvironment(flags) }
  const results = await interruptible((signal) => searchRegistry({ ...options, signal }))
  const rows = results.filter(isWanted).map(({ name, description, stars, isOfficial }) => ({
    Name: registry === DOCKER_HUB ? name : `${registry}/${name}`,
    Description: flags.trunc && description.length > WIDEST_DESCRIPTION ? `${description.slice(0, WIDEST_DESCRIPTION - 1)}…` : description,
    StarCount: `${stars}`,
    IsOfficial: isOfficial ? '[OK]' : '',
  }))
  await printList(rows, LAYOUT, { format: flags.format, fits: flags.trunc })
}

/** The first part is a registry where it is one in the name of an image. */
function whereAndWhat(text: string): { registry: string; term: string } {
  const [, host = '', rest = ''] = /^([^/]+)\/(.*)$/.exec(text) ?? []
  return /[.:]/.test(host) || host === 'localhost' ? { registry: registryName(host), term: rest } : { registry: DOCKER_HUB, term: text }
}

function filterOf(texts: readonly string[]): (result: SearchResult) => boolean {
  const filters = readFilters(texts, ['stars', 'is-official'])
  const official = readFlag(filters, 'is-official')
  const least = Math.max(0, ...(filters.stars ?? []).map((count) => naturalNumber(count, '--filter stars=')))
  return ({ stars, isOfficial }) => stars >= least && (official === undefined || isOfficial === official)
}
