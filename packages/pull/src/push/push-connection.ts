import type { Reference } from '@gocker/oci'
import type { Credentials } from '../credentials/credentials.ts'
import { configured } from '../registry/configured.ts'
import { Connection } from '../registry/connection.ts'
import { credentialsFor } from '../registry/registry.ts'
import { PATIENT, type RetryPolicy } from '../transfer/retries.ts'

export interface PushConnectionOptions {
  readonly insecure?: boolean | undefined
  readonly credentials?: Credentials | undefined
  readonly environment?: NodeJS.ProcessEnv | undefined
  readonly retry?: RetryPolicy | undefined
  /** Asked for besides pulling from and pushing to the repository. */
  readonly scopes?: readonly string[]
}

/** Opens the registry itself, never a mirror, for `use`; all connections are dropped afterwards. */
export async function withPushConnection<T>(
  reference: Reference,
  options: PushConnectionOptions,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { retry = PATIENT, scopes = [] } = options
  const { http, endpoints } = await configured(reference, { ...options, mirrors: '', stallTimeout: retry.longestStall })
  try {
    const endpoint = endpoints.find(({ isMirror }) => !isMirror) ?? endpoints[0]
    const own = `repository:${endpoint.repository}:pull,push`
    return await use(new Connection(endpoint, { http, findCredentials: credentialsFor(reference, options), scopes: [own, ...scopes] }))
  } finally {
    await http.close()
  }
}
