import { DOCKER_HUB } from '@gocker/oci'

/** What a registry can be told about who asks. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth 2 refresh token, which only the token server takes. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A token that the registry itself takes as it is. */
  | { readonly kind: 'registry-token'; readonly token: string }

/** Looks for the credentials of a repository at a registry (`docker.io`, `host`, `host:port`). */
export type FindCredentials = (registry: string, repository: string) => Promise<Credentials | undefined>

/** The value of an Authorization header. */
export function basicAuthorization({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** What helps where credentials are missing. */
export function loginHint(registry: string): string {
  return `log in with gocker login${registry === DOCKER_HUB ? '' : ` ${registry}`}`
}
