import { DOCKER_HUB } from '@gocker/oci'
import { type AuthFile, authFilePaths, readAuthEntry, readAuthFile } from './auth-file.ts'
import type { Credentials, FindCredentials } from './credentials.ts'
import { askHelper } from './helper.ts'
import { HUB_KEY, keyFit } from './key.ts'

/**
 * Finds what `docker login` or `podman login` has kept: the helper named for the registry, then the store of all, then the file itself.
 * Files are read when a registry is asked for, and never written.
 */
export function credentialsFromFiles(environment: NodeJS.ProcessEnv = process.env): FindCredentials {
  return async (registry, repository) => {
    for (const path of authFilePaths(environment)) {
      const file = await readAuthFile(path)
      const found = file && (await findInFile(file, { registry, repository, environment }))
      if (found !== undefined) return found
    }
    return undefined
  }
}

interface Wanted {
  readonly registry: string
  readonly repository: string
  readonly environment: NodeJS.ProcessEnv
}

async function findInFile(file: AuthFile, { registry, repository, environment }: Wanted): Promise<Credentials | undefined> {
  const helperKey = bestKey(file.credHelpers.keys(), registry, repository)
  const helper = helperKey === undefined ? file.credsStore : file.credHelpers.get(helperKey)
  const serverUrl = registry === DOCKER_HUB ? HUB_KEY : registry
  const kept = helper === undefined ? undefined : await askHelper(helper, serverUrl, environment)
  if (kept !== undefined) return kept
  const key = bestKey(file.auths.keys(), registry, repository)
  const entry = key === undefined ? undefined : file.auths.get(key)
  return key === undefined || entry === undefined ? undefined : readAuthEntry(entry, { path: file.path, key })
}

function bestKey(keys: Iterable<string>, registry: string, repository: string): string | undefined {
  let best: string | undefined
  let fit = 0
  for (const key of keys) {
    const found = keyFit(key, registry, repository)
    if (found > fit) [best, fit] = [key, found]
  }
  return best
}
