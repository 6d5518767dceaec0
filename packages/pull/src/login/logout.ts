import { readAuthFile } from '../credentials/auth-file.ts'
import { eraseFromHelper } from '../credentials/helper.ts'
import { keyFit } from '../credentials/key.ts'
import { type AuthDocument, changeAuthDocument, loginFile } from './auth-document.ts'
import { helperFor } from './helper-for.ts'
import { credentialsKey, registryName } from './registry-name.ts'

export interface LogoutOptions {
  /** As a user writes it; Docker Hub unless given. */
  readonly registry?: string | undefined
  readonly environment?: NodeJS.ProcessEnv | undefined
}

export interface Logout {
  readonly registry: string
  readonly file: string
  /** Whether there was something to forget. */
  readonly wasKept: boolean
}

/**
 * Forgets a registry's credentials: the file's and the credential helper's.
 * @throws {PullError} `BAD_CREDENTIALS`, `INVALID_OPTION`
 */
export async function logout({ environment = process.env, ...options }: LogoutOptions = {}): Promise<Logout> {
  const registry = registryName(options.registry)
  const file = loginFile(environment)
  const kept = [...((await readAuthFile(file))?.auths.keys() ?? [])].filter((key) => keyFit(key, registry, '') > 0)
  const helper = await helperFor(file, registry)
  if (helper !== undefined) await eraseFromHelper(helper, credentialsKey(registry), environment)
  if (kept.length > 0) await changeAuthDocument(file, (document) => withoutEntries(document, kept))
  return { registry, file, wasKept: kept.length > 0 }
}

function withoutEntries(document: AuthDocument, keys: readonly string[]): AuthDocument {
  const auths = Object.entries(document.auths ?? {}).filter(([key]) => !keys.includes(key))
  return { ...document, auths: Object.fromEntries(auths) }
}
