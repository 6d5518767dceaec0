import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import { PullError } from '../error.ts'
import { userConfig } from './config-places.ts'

/** What a registry is trusted by, and known to. PEM. */
export interface HostCertificates {
  /** Those of the system, and the host's own. */
  readonly ca?: readonly string[]
  readonly cert?: readonly string[]
  readonly key?: readonly string[]
}

/** Docker Hub goes by its short name there. */
const HUB_HOST = 'registry-1.docker.io'

/**
 * The certificates of the first directory that there is for a host: `*.crt` are authorities, `NAME.cert` with `NAME.key` say who asks.
 * @param host with a port where it has one
 * @throws {PullError} `INVALID_OPTION`
 * @see https://docs.docker.com/engine/security/certificates/
 * @see https://github.com/containers/image/blob/main/docs/containers-certs.d.5.md
 */
export async function certificatesOf(host: string, environment: NodeJS.ProcessEnv): Promise<HostCertificates | undefined> {
  const places = [userConfig(environment, 'containers', 'certs.d'), '/etc/containers/certs.d', '/etc/docker/certs.d']
  for (const place of places)
    for (const name of host === HUB_HOST ? [host, 'docker.io'] : [host]) {
      const directory = join(place, name)
      const files = await filesOf(directory)
      if (files !== undefined) return await readDirectory(directory, files)
    }
  return undefined
}

async function filesOf(directory: string): Promise<string[] | undefined> {
  return await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw new PullError('INVALID_OPTION', `reading certificates of ${directory}: ${cause.code}`, { cause })
  })
}

async function readDirectory(directory: string, files: readonly string[]): Promise<HostCertificates> {
  const read = (name: string) =>
    readFile(join(directory, name), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw new PullError('INVALID_OPTION', `reading certificate ${join(directory, name)}: ${cause.code}`, { cause })
    })
  const authorities = await Promise.all(files.filter((name) => name.endsWith('.crt')).map(read))
  const clients = files.filter((name) => name.endsWith('.cert'))
  const keys = clients.map((name) => name.replace(/cert$/, 'key'))
  return {
    ...(authorities.length > 0 && { ca: [...getCACertificates('default'), ...authorities] }),
    ...(clients.length > 0 && { cert: await Promise.all(clients.map(read)), key: await Promise.all(keys.map(read)) }),
  }
}
