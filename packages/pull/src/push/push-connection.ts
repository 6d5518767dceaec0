import type { Reference } from '@gocker/oci'
import type { Credentials } from '../credentials/credentials.ts'
import { Connection } from '../registry/connection.ts'
import { endpointsOf } from '../registry/endpoint.ts'
import { openHttp } from '../registry/http.ts'
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
  const { insecure = false, environment = process.env, retry = PATIENT, scopes = [] } = options
  const http = openHttp({ insecure, environment, stallTimeout: retry.longestStall })
  try {
    const [endpoint] = endpointsOf(reference, { insecure })
    const own = `repository:${reference.repository}:pull,push`
    return await use(new Connection(endpoint, { http, findCredentials: credentialsFor(reference, options), scopes: [own, ...scopes] }))
  } finally {
    await http.close()
  }
}
