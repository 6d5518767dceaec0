import type { Reference } from '@gocker/oci'
import { certificatesOf } from '../settings/certificates.ts'
import { registrySettings } from '../settings/registry-settings.ts'
import { type Endpoint, endpointsOf } from './endpoint.ts'
import { type Http, openHttp } from './http.ts'

export interface ConfiguredOptions {
  readonly insecure?: boolean | undefined
  /** In the words of GOCKER_REGISTRY_MIRRORS; what the environment and the settings say unless given. */
  readonly mirrors?: string | undefined
  readonly environment?: NodeJS.ProcessEnv | undefined
  /** Milliseconds. */
  readonly stallTimeout?: number | undefined
}

export interface Configured {
  readonly http: Http
  /** Mirrors first, the registry itself last. */
  readonly endpoints: readonly [...Endpoint[], Endpoint]
}

/** Where a repository is to be had, and how it is talked to, as options, environment and settings say. @throws {PullError} `INVALID_OPTION`, `DENIED` */
export async function configured(reference: Reference, options: ConfiguredOptions): Promise<Configured> {
  const { insecure = false, environment = process.env, stallTimeout } = options
  const settings = await registrySettings(environment)
  const endpoints = endpointsOf(reference, { insecure, mirrors: options.mirrors ?? settings.mirrors, settings })
  const certificates = (host: string) => certificatesOf(host, environment)
  const hosts = endpoints.filter(({ isInsecure }) => isInsecure).map(({ origins }) => new URL(origins[0]).host)
  return {
    endpoints,
    http: openHttp({ insecure: insecure || new Set([...settings.insecure, ...hosts]), certificates, environment, stallTimeout }),
  }
}
