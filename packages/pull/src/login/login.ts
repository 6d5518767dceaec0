import { giveToHelper } from '../credentials/helper.ts'
import { PullError } from '../error.ts'
import { type AuthDocument, changeAuthDocument, loginFile } from './auth-document.ts'
import { helperFor } from './helper-for.ts'
import { credentialsKey, registryName } from './registry-name.ts'
import { type VerifyOptions, verifyCredentials } from './verify-credentials.ts'

export interface LoginOptions extends Omit<VerifyOptions, 'registry' | 'credentials'> {
  /** As a user writes it; Docker Hub unless given. */
  readonly registry?: string | undefined
  readonly username: string
  readonly password: string
}

export interface Login {
  readonly registry: string
  /** Where the login is noted. */
  readonly file: string
  /** The credential helper that has the password; where there is none it is in the file, unencrypted. */
  readonly helper?: string
}

/**
 * Verifies a user's password at a registry, and keeps it where docker keeps it: with the credential helper that is set up for the
 * registry, else in docker's config file (`REGISTRY_AUTH_FILE`, `DOCKER_CONFIG`), which nobody else can read then.
 * @throws {PullError} `UNAUTHORIZED` when the registry does not take it, `BAD_CREDENTIALS` when it cannot be kept, `INVALID_OPTION`, ...
 */
export async function login({ username, password, ...options }: LoginOptions): Promise<Login> {
  const { environment = process.env } = options
  const registry = registryName(options.registry)
  if (username.includes(':')) throw new PullError('INVALID_OPTION', `logging in at ${registry}: the name of a user has no colon`)
  await verifyCredentials({ ...options, registry, credentials: { kind: 'password', username, password } })
  const key = credentialsKey(registry)
  const file = loginFile(environment)
  const helper = await helperFor(file, registry)
  if (helper !== undefined) await giveToHelper(helper, key, { username, password, environment })
  // What a helper keeps has an empty entry, as docker has it.
  const entry = helper === undefined ? { auth: Buffer.from(`${username}:${password}`).toString('base64') } : {}
  await changeAuthDocument(file, (document) => withEntry(document, key, entry))
  return { registry, file, ...(helper !== undefined && { helper }) }
}

function withEntry(document: AuthDocument, key: string, entry: object): AuthDocument {
  return { ...document, auths: { ...document.auths, [key]: entry } }
}
