import { DOCKER_HUB, OciError, parseReference } from '@gocker/oci'
import { HUB_KEY, keyFit } from '../credentials/key.ts'
import { PullError } from '../error.ts'

/**
 * The registry that a user means: `ghcr.io`, `https://ghcr.io/v1/`, `localhost:5000`; Docker Hub for nothing.
 * @throws {PullError} `INVALID_OPTION`
 */
export function registryName(text: string | undefined): string {
  const host = (text ?? '').replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '')
  if (host === '' || keyFit(HUB_KEY, host, '') > 0) return DOCKER_HUB
  const wrong = new PullError('INVALID_OPTION', `reading registry ${JSON.stringify(text)}: not a host name, with a port or without`, {
    hint: 'write it as in the name of an image: ghcr.io, localhost:5000',
  })
  if (host.includes('/') || host.includes('@')) throw wrong
  try {
    if (parseReference(`${host}/x`).registry === host) return host
  } catch (error) {
    if (!(error instanceof OciError)) throw error
  }
  throw wrong
}

/** Under which docker keeps a registry's credentials. */
export function credentialsKey(registry: string): string {
  return registry === DOCKER_HUB ? HUB_KEY : registry
}
