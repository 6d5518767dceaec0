import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Certificate } from '../certificate.ts'
import { htpasswd } from './htpasswd.ts'

export type RegistryAuth =
  /** What a token server has to be known by; `startTokenServer` gives all four. */
  | { readonly kind: 'token'; readonly realm: string; readonly service: string; readonly issuer: string; readonly certificateFile: string }
  /** Name to password. */
  | { readonly kind: 'basic'; readonly users: Readonly<Record<string, string>> }

export interface ConfigOptions {
  readonly root: string
  readonly auth?: RegistryAuth
  readonly tls?: Certificate
  readonly port?: number
  readonly headers?: Readonly<Record<string, readonly string[]>>
}

/**
 * What docker-registry reads; files that the configuration names are written into `directory`.
 * @see https://distribution.github.io/distribution/about/configuration/
 */
export function registryConfig(directory: string, { root, auth, tls, port = 0, headers = {} }: ConfigOptions): object {
  return {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: root },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: 'the secret of a registry that lives as long as a test',
      headers,
      ...(tls !== undefined && { tls: { certificate: tls.certificateFile, key: tls.keyFile } }),
    },
    ...(auth !== undefined && { auth: authConfig(directory, auth) }),
  }
}

function authConfig(directory: string, auth: RegistryAuth): object {
  if (auth.kind === 'token') {
    const { realm, service, issuer, certificateFile } = auth
    return { token: { realm, service, issuer, rootcertbundle: certificateFile } }
  }
  const path = join(directory, 'htpasswd')
  writeFileSync(path, htpasswd(auth.users))
  return { htpasswd: { realm: 'gocker tests', path } }
}
