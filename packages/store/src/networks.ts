import { writeFileAtomic } from './atomic-file.ts'
import { doing, StoreError, unless } from './error.ts'
import type { StorePaths } from './paths.ts'
import { mkdir, readdir, readFile, rm } from './quick-files.ts'

/** `<root>/networks/<name>.json`: what a network is, whether its bridge is there just now or not. */
export interface NetworkDefinition {
  /** 64 hex digits. */
  readonly id: string
  readonly name: string
  /** ISO 8601. */
  readonly created: string
  /** Whether its containers reach nothing but each other and the machine. */
  readonly internal: boolean
  /** One of IPv4, and behind it one of IPv6 where it has that. */
  readonly subnets: readonly NetworkSubnet[]
  readonly labels: Readonly<Record<string, string>>
  /** As docker's bridge driver names them. */
  readonly options: Readonly<Record<string, string>>
}

export interface NetworkSubnet {
  /** `172.20.0.0/20` */
  readonly subnet: string
  /** The machine's own address in it. */
  readonly gateway: string
  /** The part that containers get their addresses from. */
  readonly range?: string
  /** Not asked for: another may take its place while nobody has an address in it. */
  readonly chosen: boolean
}

/** The networks of this store. Callers hold the lock `networks` while they decide what to put or remove. */
export interface Networks {
  /** By name, id, or the beginning of an id. @throws {StoreError} `AMBIGUOUS_ID`, `CORRUPT` */
  find(nameOrId: string): Promise<NetworkDefinition | undefined>
  /** By name. @throws {StoreError} `CORRUPT` */
  list(): Promise<NetworkDefinition[]>
  put(definition: NetworkDefinition): Promise<void>
  remove(name: string): Promise<void>
}

export function openNetworks(paths: StorePaths): Networks {
  const list = () => listNetworks(paths)
  return {
    list,
    async find(nameOrId) {
      const named = isName(nameOrId) ? await readNetwork(paths, nameOrId) : undefined
      return named ?? beginningWith(await list(), nameOrId)
    },
    async put(definition) {
      await doing(`keeping network ${definition.name}`, () => mkdir(paths.networks, { recursive: true, mode: 0o700 }))
      await writeFileAtomic(paths.network(definition.name), JSON.stringify(definition, undefined, 1))
    },
    remove: (name) => doing(`removing network ${name}`, () => rm(paths.network(name), { force: true })),
  }
}

async function listNetworks(paths: StorePaths): Promise<NetworkDefinition[]> {
  const files = (await doing('listing the networks', () => readdir(paths.networks).catch(unless('ENOENT')))) ?? []
  const names = files.filter((file) => file.endsWith('.json') && isName(file)).map((file) => file.slice(0, -'.json'.length))
  const found = await Promise.all(names.sort().map((name) => readNetwork(paths, name)))
  return found.filter((definition) => definition !== undefined)
}

async function readNetwork(paths: StorePaths, name: string): Promise<NetworkDefinition | undefined> {
  const file = paths.network(name)
  const text = await doing(`reading network ${name}`, () => readFile(file, 'utf8').catch(unless('ENOENT')))
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as NetworkDefinition
  } catch (cause) {
    throw new StoreError('CORRUPT', `reading ${file}: not JSON`, { cause, hint: 'remove the file, and create the network again' })
  }
}

function beginningWith(definitions: readonly NetworkDefinition[], prefix: string): NetworkDefinition | undefined {
  if (!/^[0-9a-f]+$/.test(prefix)) return undefined
  const [found, ...others] = definitions.filter(({ id }) => id.startsWith(prefix))
  if (others.length === 0) return found
  throw new StoreError('AMBIGUOUS_ID', `finding network ${prefix}: ${others.length + 1} networks have an id that begins so`, {
    hint: 'give more digits of the id',
  })
}

function isName(text: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text)
}
