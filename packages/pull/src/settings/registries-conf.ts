import { PullError } from '../error.ts'
import { containersFiles } from './containers-files.ts'
import type { MirrorRule, RegistryRule } from './registry-rule.ts'
import type { TomlReader } from './toml-file.ts'

/**
 * What containers' tools have been told of registries. Short names stay docker's: see {@link hintingShortName}.
 * @throws {PullError} `INVALID_OPTION`
 * @see https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md
 */
export async function registryRules(environment: NodeJS.ProcessEnv): Promise<readonly RegistryRule[]> {
  const rules = new Map<string, RegistryRule>()
  for (const { path, reader } of await containersFiles(environment)) for (const rule of rulesOf(reader, path)) rules.set(rule.prefix, rule)
  return [...rules.values()]
}

function rulesOf(reader: TomlReader, path: string): RegistryRule[] {
  if (reader.isTable('registries'))
    throw new PullError('INVALID_OPTION', `reading ${path}: it is in version 1 of the format, which has gone out of use`, {
      hint: 'write [[registry]] in the place of [registries.insecure] and [registries.block]',
    })
  return reader.tables('registry').map((table) => ruleOf(table, path))
}

function ruleOf(table: TomlReader, path: string): RegistryRule {
  const location = withoutSlash(table.text('location'))
  const prefix = withoutSlash(table.text('prefix')) || location
  const wrong = (why: string) => new PullError('INVALID_OPTION', `reading ${path}: [[registry]] ${why}`)
  if (prefix === '') throw wrong('has neither a prefix nor a location')
  if (prefix.includes('*') && !/^\*\.[^*/]+$/.test(prefix))
    throw wrong(`prefix ${JSON.stringify(prefix)}: a wildcard is *.DOMAIN and nothing else`)
  if (/:\/\//.test(prefix) || /:\/\//.test(location)) throw wrong(`${prefix}: a location is a host and a path, without https://`)
  const byDigestOnly = table.flag('mirror-by-digest-only') ?? false
  return {
    prefix,
    location,
    insecure: table.flag('insecure') ?? false,
    blocked: table.flag('blocked') ?? false,
    mirrors: table.tables('mirror').map((mirror) => mirrorOf(mirror, { byDigestOnly, wrong })),
  }
}

function mirrorOf(mirror: TomlReader, { byDigestOnly, wrong }: { byDigestOnly: boolean; wrong: (why: string) => PullError }): MirrorRule {
  const location = withoutSlash(mirror.text('location'))
  if (location === '' || location.includes('://')) throw wrong(`has a mirror whose location is ${JSON.stringify(location)}`)
  const pulls = mirror.text('pull-from-mirror') ?? (byDigestOnly ? 'digest-only' : 'all')
  if (pulls !== 'all' && pulls !== 'digest-only' && pulls !== 'tag-only') throw wrong(`mirror ${location}: pull-from-mirror is ${pulls}`)
  return { location, insecure: mirror.flag('insecure') ?? false, pulls }
}

function withoutSlash(text = ''): string {
  return text.replace(/\/+$/, '')
}
