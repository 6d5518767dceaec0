import { DOCKER_HUB } from '@gocker/oci'
import { PullError } from '../error.ts'
import type { Connection } from '../registry/connection.ts'
import { printable } from '../registry/printable.ts'
import { readBody } from '../registry/read-body.ts'
import { discard } from '../registry/redirect.ts'
import { type WholeRegistryOptions, withWholeRegistry } from '../registry/whole-registry.ts'

export interface SearchOptions extends WholeRegistryOptions {
  /** Docker Hub unless given. */
  readonly registry?: string | undefined
  /** A part of the name; nothing is every name. */
  readonly term: string
  /** Results at most; 25 unless given. */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface SearchResult {
  /** The repository, without its registry. */
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly isOfficial: boolean
}

const LARGEST_ANSWER = 16 * 1024 * 1024
const MOST_PAGES = 1000

/**
 * Looks for repositories: by the search that Docker Hub and some others offer, else in the registry's list of all.
 * @throws {PullError} `NOT_FOUND` where a registry offers neither, `UNAUTHORIZED`, `UNREACHABLE`, ...
 */
export async function searchRegistry({ registry = DOCKER_HUB, ...options }: SearchOptions): Promise<SearchResult[]> {
  const search = { ...options, limit: options.limit ?? 25 }
  return await withWholeRegistry(registry, options, async (connection) => {
    const found = (await bySearch(connection, search)) ?? (registry === DOCKER_HUB ? undefined : await byCatalogue(connection, search))
    if (found !== undefined) return found.slice(0, search.limit)
    throw new PullError('NOT_FOUND', `searching ${registry}: it offers neither a search nor a list of its repositories`, {
      hint: 'look on its web page',
    })
  })
}

interface Search {
  readonly term: string
  readonly limit: number
  readonly signal?: AbortSignal | undefined
}

/** @see https://docs.docker.com/reference/cli/docker/search/ whose answers these are */
async function bySearch(connection: Connection, { term, limit, signal }: Search): Promise<SearchResult[] | undefined> {
  const query = new URLSearchParams({ q: term, n: `${limit}` })
  // The Hub's registry does not search; its index does. Of the others it is beside version 2 of the interface.
  const isHub = connection.endpoint.name === DOCKER_HUB
  const path = isHub ? new URL(`https://index.docker.io/v1/search?${query}`) : `../v1/search?${query}`
  const document = await answer(connection, { path, term, signal })
  const results = (document?.body as { results?: unknown } | null | undefined)?.results
  return Array.isArray(results) ? results.flatMap(resultOf) : undefined
}

function resultOf(value: unknown): SearchResult[] {
  const { name, description, star_count: stars, is_official: isOfficial } = (value ?? {}) as Record<string, unknown>
  if (typeof name !== 'string') return []
  const common = { description: lineOf(description), stars: typeof stars === 'number' ? stars : 0, isOfficial: isOfficial === true }
  return [{ name: lineOf(name), ...common }]
}

/** @see https://distribution.github.io/distribution/spec/api/#listing-repositories */
async function byCatalogue(connection: Connection, { term, limit, signal }: Search): Promise<SearchResult[] | undefined> {
  const found: SearchResult[] = []
  let path: string | URL | undefined = '_catalog?n=1000'
  for (let count = 0; path !== undefined && count < MOST_PAGES && found.length < limit; count++) {
    const page: Answer | undefined = await answer(connection, { path, term, signal })
    const names = (page?.body as { repositories?: unknown } | null | undefined)?.repositories
    if (page === undefined || !Array.isArray(names)) return undefined
    const fitting = names.filter((name): name is string => typeof name === 'string' && name.includes(term))
    found.push(...fitting.map((name) => ({ name: lineOf(name), description: '', stars: 0, isOfficial: false })))
    path = page.next
  }
  return found
}

interface Answer {
  readonly body: unknown
  readonly next: URL | undefined
}

/** What is no JSON is a page for people, and no answer. */
async function answer(
  connection: Connection,
  { path, term, signal }: { path: string | URL; term: string; signal: AbortSignal | undefined },
): Promise<Answer | undefined> {
  const doing = `searching for ${JSON.stringify(term)}`
  const response = await connection.send({ doing, path, expected: [200, 400, 404, 405, 501], signal })
  if (response.status !== 200) {
    await discard(response)
    return undefined
  }
  const [, next] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(response.headers.link ?? '')) ?? []
  try {
    const body: unknown = JSON.parse((await readBody(response, LARGEST_ANSWER)).toString())
    return { body, next: next === undefined ? undefined : new URL(next, response.url) }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function lineOf(text: unknown): string {
  return typeof text === 'string' ? printable(text).trim() : ''
}
