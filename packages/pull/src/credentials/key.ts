import { DOCKER_HUB } from '@gocker/oci'

/** The name under which docker itself keeps the Hub's credentials. */
export const HUB_KEY = 'https://index.docker.io/v1/'

const HUB_HOSTS = new Set([DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'])

/**
 * How well a key of a credentials file fits a repository: 0 not at all, more the more of the path it names.
 *
 * Docker writes hosts (`ghcr.io`) and URLs, whose path says nothing (`https://ghcr.io/v1/`); containers' tools may write
 * a part of the repository's path too (`ghcr.io/me`), which then holds for what is below it.
 */
export function keyFit(key: string, registry: string, repository: string): number {
  const isUrl = /^https?:\/\//.test(key)
  const [host = '', ...path] = key
    .replace(/^https?:\/\//, '')
    .split('/')
    .filter((part) => part !== '')
  if (canonicalHost(host) !== canonicalHost(registry)) return 0
  const isVersionOnly = path.length === 1 && /^v[12]$/.test(path[0] ?? '')
  if (isUrl || isVersionOnly || path.length === 0) return 1
  const components = repository.split('/')
  return path.every((part, position) => part === components[position]) ? 1 + path.length : 0
}

function canonicalHost(host: string): string {
  const name = host.toLowerCase()
  return HUB_HOSTS.has(name) ? DOCKER_HUB : name
}
