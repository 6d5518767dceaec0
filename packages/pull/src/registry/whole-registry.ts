import type { Credentials } from '../credentials/credentials.ts'
import { credentialsFromFiles } from '../credentials/find-credentials.ts'
import { Connection } from './connection.ts'
import { endpointsOf } from './endpoint.ts'
import { openHttp } from './http.ts'

export interface WholeRegistryOptions {
  readonly insecure?: boolean | undefined
  /** By default what docker's and containers' files keep. */
  readonly credentials?: Credentials | undefined
  readonly environment?: NodeJS.ProcessEnv | undefined
}

/** Opens a registry and none of its repositories for `use`; all connections are dropped afterwards. */
export async function withWholeRegistry<T>(
  registry: string,
  { insecure = false, credentials, environment = process.env }: WholeRegistryOptions,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const http = openHttp({ insecure, environment })
  try {
    const endpoint = endpointsOf({ registry, repository: '' }, { insecure }).at(-1)
    if (endpoint === undefined) throw new Error(`opening ${registry}: it has no endpoint`)
    const findCredentials = credentials === undefined ? credentialsFromFiles(environment) : async () => credentials
    return await use(new Connection(endpoint, { http, findCredentials }))
  } finally {
    await http.close()
  }
}
