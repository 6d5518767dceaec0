import { DOCKER_HUB, type Reference } from '@gocker/oci'
import { loginHint } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
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
}

const HUB_HOST = 'registry-1.docker.io'

/**
 * The endpoints of a reference in the order to ask them: its mirrors, then the registry itself.
 * @param mirrors as GOCKER_REGISTRY_MIRRORS words them: `URL` for Docker Hub or `registry=URL`, joined by commas
 * @throws {PullError} `INVALID_OPTION`
 */
export function endpointsOf(reference: Reference, { insecure = false, mirrors = '' }): [...Endpoint[], Endpoint] {
  const { registry, repository } = reference
  const host = registry === DOCKER_HUB ? HUB_HOST : registry
  const itself: Endpoint = { name: registry, origins: originsOf(host, insecure), repository, isMirror: false }
  return [...mirrorsOf(registry, mirrors).map((mirror) => mirrorEndpoint(mirror, { repository, insecure })), itself]
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
function mirrorEndpoint(mirror: string, { repository, insecure }: { repository: string; insecure: boolean }): Endpoint {
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
    origins: mirror.includes('://') ? [url.origin] : originsOf(url.host, insecure),
    repository: prefix === '' ? repository : `${prefix}/${repository}`,
    isMirror: true,
  }
}

function withoutUser(text: string): string {
  return text.replace(/[^/]*@/, '')
}
