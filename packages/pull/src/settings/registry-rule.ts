import type { Reference } from '@gocker/oci'

/** What registries.conf says of the repositories that begin so. */
export interface RegistryRule {
  /** `host`, `host/path`, or `*.domain`. */
  readonly prefix: string
  /** What stands in the place of the prefix; empty where nothing does. */
  readonly location: string
  readonly insecure: boolean
  readonly blocked: boolean
  readonly mirrors: readonly MirrorRule[]
}

export interface MirrorRule {
  readonly location: string
  readonly insecure: boolean
  /** Of which references it is asked for. */
  readonly pulls: 'all' | 'digest-only' | 'tag-only'
}

/** The rule whose prefix says the most of the name. */
export function ruleFor(rules: readonly RegistryRule[], reference: Reference): RegistryRule | undefined {
  let best: RegistryRule | undefined
  for (const rule of rules) if (matchedLength(rule, reference) > (best === undefined ? 0 : matchedLength(best, reference))) best = rule
  return best
}

/** The name with another location in the place of what the rule's prefix matches. */
export function relocated(rule: RegistryRule, location: string, reference: Reference): Pick<Reference, 'registry' | 'repository'> {
  const { registry, repository } = reference
  if (location === '') return { registry, repository }
  const rest = nameOf(reference).slice(matchedLength(rule, reference))
  const [host = '', ...path] = `${location}${rest}`.split('/')
  return { registry: host, repository: path.join('/') }
}

/** How much of the name a prefix is; 0 where it is not one. A wildcard is as good as what it stands for. */
function matchedLength({ prefix }: RegistryRule, reference: Reference): number {
  const { registry } = reference
  if (prefix.startsWith('*.')) return registry.endsWith(prefix.slice(1)) ? registry.length : 0
  const name = nameOf(reference)
  return name === prefix || name.startsWith(`${prefix}/`) ? prefix.length : 0
}

function nameOf({ registry, repository }: Reference): string {
  return repository === '' ? registry : `${registry}/${repository}`
}
