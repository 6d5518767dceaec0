import type { MachineFacts } from '@gocker/run'

/** `linux/amd64`, in the registries' words. */
export function platformName(): string {
  const names: Partial<Record<string, string>> = { x64: 'amd64' }
  return `${process.platform}/${names[process.arch] ?? process.arch}`
}

/** `v1: cpu, memory; v2: none`: a host may have controllers in both. */
export function cgroupText({ cgroups }: MachineFacts): string {
  const named = (version: 'v1' | 'v2') => cgroups.filter((each) => each.version === version).map(({ name }) => name)
  const [v1, v2] = [named('v1'), named('v2')]
  if (v1.length === 0) return `v2: ${v2.join(', ')}`
  return `v1: ${v1.join(', ')}; v2: ${v2.join(', ') || 'none'}`
}

/** As docker has it: `2` where no controller works in v1. */
export function cgroupVersion({ cgroups }: MachineFacts): string {
  return cgroups.some(({ version }) => version === 'v1') ? '1' : '2'
}
