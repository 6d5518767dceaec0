import { ownSettings } from './own-settings.ts'
import { registryRules } from './registries-conf.ts'
import type { RegistryRule } from './registry-rule.ts'

/** What files say of registries. */
export interface RegistrySettings {
  readonly rules: readonly RegistryRule[]
  /** In the words of GOCKER_REGISTRY_MIRRORS. */
  readonly mirrors: string
  /** Of gocker's own settings: hosts, with a port or without, that need not prove who they are. */
  readonly insecure: ReadonlySet<string>
}

/** @throws {PullError} `INVALID_OPTION` */
export async function registrySettings(environment: NodeJS.ProcessEnv): Promise<RegistrySettings> {
  const [rules, own] = await Promise.all([registryRules(environment), ownSettings(environment)])
  return {
    rules,
    mirrors: environment.GOCKER_REGISTRY_MIRRORS ?? own.mirrors.join(','),
    insecure: new Set(own.insecure),
  }
}
