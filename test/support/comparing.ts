import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { listXattrs } from '@gocker/kernel'
import type { ContainerConfig } from '@gocker/oci'

/** What a builder made, whoever it was. */
export interface Made {
  /** A directory with the whole file system. */
  readonly root: string
  readonly config: ContainerConfig
}

/** Every difference of the two, a line each; times are not looked at. @param passedOver paths that say nothing of the build */
export function differences(ours: Made, theirs: Made, passedOver: readonly string[] = []): string[] {
  const [ourFiles, theirFiles] = [ours, theirs].map(({ root }) => withoutPaths(filesOf(root), passedOver)) as [Facts, Facts]
  return [
    ...differing(ourFiles, theirFiles),
    ...differing(configFacts(ours.config), configFacts(theirs.config)).map((line) => `config ${line}`),
  ]
}

type Facts = ReadonlyMap<string, string>

function differing(ours: Facts, theirs: Facts): string[] {
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort()
  return names.flatMap((name) => {
    const [our, their] = [ours.get(name) ?? 'nothing', theirs.get(name) ?? 'nothing']
    return our === their ? [] : [`${name}: ${our} here, ${their} there`]
  })
}

function withoutPaths(files: Facts, passedOver: readonly string[]): Facts {
  return new Map([...files].filter(([path]) => !passedOver.includes(path)))
}

/** What each file below a directory is. */
function filesOf(root: string): Facts {
  const facts = new Map<string, string>()
  const links = new Map<number, string>()
  const walk = (below: string): void => {
    for (const name of readdirSync(join(root, below)).sort()) {
      const path = `${below}/${name}`
      const stats = lstatSync(join(root, path))
      facts.set(path, [...factsOf(join(root, path), stats), ...hardLink(path, stats, links)].join(' '))
      if (stats.isDirectory()) walk(path)
    }
  }
  walk('')
  return facts
}

function factsOf(path: string, stats: Stats): string[] {
  const owner = `${stats.uid}:${stats.gid}`
  if (stats.isSymbolicLink()) return ['link', owner, readlinkSync(path)]
  const mode = (stats.mode & 0o7777).toString(8)
  const xattrs = listXattrs(path).filter((name) => !name.startsWith('trusted.overlay.'))
  return [typeOf(stats), mode, owner, ...(stats.isFile() ? [`${stats.size}`, digestOf(path)] : []), ...xattrs]
}

function typeOf(stats: Stats): string {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isFIFO() ? 'fifo' : `device ${stats.rdev}`
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)
}

/** Of several names of one file the first is told with the others. */
function hardLink(path: string, stats: Stats, links: Map<number, string>): string[] {
  if (stats.nlink === 1 || stats.isDirectory()) return []
  const first = links.get(stats.ino)
  if (first === undefined) links.set(stats.ino, path)
  return first === undefined ? [] : [`= ${first}`]
}

/** The parts of a config that a Dockerfile sets; what is empty is the same as nothing, and so is the root as the directory to work in. */
function configFacts(config: ContainerConfig): Facts {
  const { Env, Cmd, Entrypoint, WorkingDir, User, ExposedPorts, Volumes, Labels, StopSignal, Healthcheck, OnBuild, Shell } = config
  const parts = {
    Env: Env?.toSorted(),
    Cmd,
    Entrypoint,
    WorkingDir,
    User,
    ExposedPorts,
    Volumes,
    Labels,
    StopSignal,
    Healthcheck,
    OnBuild,
    Shell,
  }
  return new Map(
    Object.entries(parts)
      .map(([name, part]) => [name, JSON.stringify(sorted(part))] as const)
      .filter(([, text]) => !['undefined', 'null', '""', '"/"', '[]', '{}'].includes(text)),
  )
}

/** With an object's keys in order: that of JSON says nothing. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
