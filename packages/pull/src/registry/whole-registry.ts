import type { Credentials } from '../credentials/credentials.ts'
import { credentialsFromFiles } from '../credentials/find-credentials.ts'
import { configured } from './configured.ts'
import { Connection } from './connection.ts'

export interface WholeRegistryOptions {
  readonly insecure?: boolean | undefined
  /** By default what docker's and containers' files keep. */
  readonly credentials?: Credentials | undefined
  readonly environment?: NodeJS.ProcessEnv | undefined
}

/** Opens a registry and none of its repositories for `use`; all connections are dropped afterwards. */
export async function withWholeRegistry<T>(
  registry: string,
  { credentials, ...options }: WholeRegistryOptions,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { http, endpoints } = await configured({ registry, repository: '' }, { ...options, mirrors: '' })
  try {
    const endpoint = endpoints.find(({ isMirror }) => !isMirror) ?? endpoints[0]
    const findCredentials = credentials === undefined ? credentialsFromFiles(options.environment) : async () => credentials
    return await use(new Connection(endpoint, { http, findCredentials }))
  } finally {
    await http.close()
  }
}
