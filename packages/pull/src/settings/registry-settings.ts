import { ownSettings } from './own-settings.ts'
import { registryRules } from './registries-conf.ts'
import type { RegistryRule } from './registry-rule.ts'

/** What files say of registries. */
export interface RegistrySettings {
  readonly rules: readonly RegistryRule[]
  /** In the words of GOCKER_REGISTRY_MIRRORS. */
  readonly mirrors: string
  /** Hosts, with a port or without, that need not prove who they are. */
  readonly insecure: ReadonlySet<string>
}

/** @throws {PullError} `INVALID_OPTION` */
export async function registrySettings(environment: NodeJS.ProcessEnv): Promise<RegistrySettings> {
  const [rules, own] = await Promise.all([registryRules(environment), ownSettings(environment)])
  return {
    rules,
    mirrors: environment.GOCKER_REGISTRY_MIRRORS ?? own.mirrors.join(','),
    insecure: new Set([...own.insecure, ...rules.flatMap(insecureHosts)]),
  }
}

function insecureHosts({ prefix, location, insecure, mirrors }: RegistryRule): string[] {
  const own = insecure ? [hostOf(location || prefix)] : []
  return [...own, ...mirrors.filter((mirror) => mirror.insecure).map((mirror) => hostOf(mirror.location))]
}

function hostOf(location: string): string {
  return location.split('/')[0] ?? ''
}
