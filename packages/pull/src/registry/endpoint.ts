import { DOCKER_HUB, type Reference } from '@gocker/oci'
import { loginHint } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
import { type RegistryRule, relocated, ruleFor } from '../settings/registry-rule.ts'
import type { RegistrySettings } from '../settings/registry-settings.ts'
import { isLoopback } from './loopback.ts'

/** A place where a repository can be had: the registry that its name says, or a mirror of it. */
export interface Endpoint {
  /** Host and port: what messages name, and under what credentials are kept. */
  readonly name: string
  /** Tried in this order until one answers, which is then kept. */
  readonly origins: readonly [string, ...string[]]
  /** Empty for the registry as a whole. */
  readonly repository: string
  readonly isMirror: boolean
  /** May go without TLS, or to a server that cannot prove its name. */
  readonly isInsecure: boolean
}

const HUB_HOST = 'registry-1.docker.io'

/**
 * The endpoints of a reference in the order to ask them: its mirrors, then the registry itself.
 * @param mirrors as GOCKER_REGISTRY_MIRRORS words them: `URL` for Docker Hub or `registry=URL`, joined by commas
 * @throws {PullError} `INVALID_OPTION`
 */
export function endpointsOf(
  reference: Reference,
  { insecure = false, mirrors = '', settings = NO_SETTINGS }: EndpointOptions,
): [...Endpoint[], Endpoint] {
  const isInsecure = (host: string) => insecure || settings.insecure.has(host) || settings.insecure.has(host.replace(/:\d+$/, ''))
  const { registry, repository } = reference
  const rule = ruleFor(settings.rules, reference)
  if (rule?.blocked === true)
    throw new PullError('DENIED', `opening ${registry}/${repository}: registries.conf blocks ${rule.prefix}`, {
      hint: 'take blocked out of its [[registry]]',
    })
  const own = mirrorsOf(registry, mirrors).map((mirror) => mirrorEndpoint(mirror, { repository, isInsecure }))
  const ruled = (rule?.mirrors ?? [])
    .filter(({ pulls }) => pulls === 'all' || (pulls === 'digest-only') === (reference.digest !== undefined))
    .map(({ location, insecure }) => {
      const place = relocated(rule as RegistryRule, location, reference)
      return endpointAt(place, { isInsecure: insecure || isInsecure(place.registry), isMirror: true })
    })
  const itself = rule === undefined ? { registry, repository } : relocated(rule, rule.location, reference)
  return [...own, ...ruled, endpointAt(itself, { isInsecure: rule?.insecure === true || isInsecure(itself.registry), isMirror: false })]
}

export interface EndpointOptions {
  /** Whatever the host. */
  readonly insecure?: boolean
  readonly mirrors?: string
  /** What files say. */
  readonly settings?: Pick<RegistrySettings, 'rules' | 'insecure'>
}

const NO_SETTINGS: Pick<RegistrySettings, 'rules' | 'insecure'> = { rules: [], insecure: new Set() }

type IsInsecure = (host: string) => boolean

function endpointAt(
  { registry, repository }: Pick<Reference, 'registry' | 'repository'>,
  kind: Pick<Endpoint, 'isInsecure' | 'isMirror'>,
): Endpoint {
  const host = registry === DOCKER_HUB ? HUB_HOST : registry
  return { name: registry, origins: originsOf(host, kind.isInsecure), repository, ...kind }
}

/** As docker does it: what may be reached without TLS is asked with TLS first. */
function originsOf(host: string, insecure: boolean): [string, ...string[]] {
  const { hostname } = new URL(`https://${host}`)
  return insecure || isLoopback(hostname) ? [`https://${host}`, `http://${host}`] : [`https://${host}`]
}

function mirrorsOf(registry: string, mirrors: string): string[] {
  return mirrors
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const [, of = DOCKER_HUB, mirror = entry] = /^([^=/]+)=(.*)$/.exec(entry) ?? []
      return of === registry ? [mirror] : []
    })
}

/** A path in the mirror's URL goes before the repository, as proxying registries have it. */
function mirrorEndpoint(mirror: string, { repository, isInsecure }: { repository: string; isInsecure: IsInsecure }): Endpoint {
  const url = URL.parse(mirror.includes('://') ? mirror : `https://${mirror}`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new PullError('INVALID_OPTION', `reading mirror ${JSON.stringify(withoutUser(mirror))}: not a URL`)
  if (url.username !== '' || url.password !== '')
    throw new PullError('INVALID_OPTION', `reading mirror ${url.host}: a user does not belong in its URL`, {
      hint: loginHint(url.host),
    })
  const prefix = url.pathname.replace(/^\/(v2(?=\/|$))?\/?|\/+$/g, '')
  return {
    name: url.host,
    origins: mirror.includes('://') ? [url.origin] : originsOf(url.host, isInsecure(url.host)),
    repository: prefix === '' ? repository : `${prefix}/${repository}`,
    isMirror: true,
    isInsecure: isInsecure(url.host),
  }
}

function withoutUser(text: string): string {
  return text.replace(/[^/]*@/, '')
}
