import { release } from 'node:os'
import type { Machine, SeccompProfile, SeccompRule } from './profile.ts'
import { invalidProfile } from './refusal.ts'

/**
 * A profile in docker's own format: rules may depend on the container's capabilities, on the machine and on its kernel.
 * @see https://docs.docker.com/engine/security/seccomp/
 */
export interface ConditionalProfile extends Omit<SeccompProfile, 'syscalls'> {
  readonly archMap?: readonly ArchitectureMap[]
  readonly syscalls?: readonly ConditionalRule[]
}

export interface ArchitectureMap {
  readonly architecture: string
  readonly subArchitectures?: readonly string[]
}

export interface ConditionalRule extends SeccompRule {
  /** What the rule needs: every capability, one of the machines, the kernel. */
  readonly includes?: Circumstances
  /** What keeps the rule out: any of it. */
  readonly excludes?: Circumstances
}

export interface Circumstances {
  readonly caps?: readonly string[]
  /** `amd64`, `arm64`, ... */
  readonly arches?: readonly string[]
  /** `4.8`: the first two numbers of a kernel's version. */
  readonly minKernel?: string
}

/** What a profile's conditions are about. */
export interface SeccompHost {
  /** The container's bounding set, as `CAP_SYS_ADMIN`, ... */
  readonly capabilities: readonly string[]
  readonly architecture: Machine
  /** The kernel's release, `6.1.0-13-amd64`: this machine's unless given. */
  readonly kernel?: string
}

interface Facts {
  readonly capabilities: ReadonlySet<string>
  readonly arch: string
  readonly kernel: Version
}

type Version = readonly [number, number]

const MACHINE_NAMES: Readonly<Record<Machine, { arch: string; seccomp: string }>> = {
  x64: { arch: 'amd64', seccomp: 'SCMP_ARCH_X86_64' },
  arm64: { arch: 'arm64', seccomp: 'SCMP_ARCH_AARCH64' },
}

/** Decides every condition. */
export function resolveProfile(profile: ConditionalProfile, host: SeccompHost): SeccompProfile {
  const { archMap, syscalls = [], ...rest } = profile
  const facts = factsOf(host)
  return {
    ...rest,
    ...(archMap && { architectures: mappedArchitectures(archMap, host.architecture) }),
    syscalls: syscalls.filter((rule) => applies(rule, facts)).map(withoutConditions),
  }
}

/** @throws {KernelError} `EINVAL` for anything but two numbers and a point between them */
export function parseMinKernel(text: string): Version {
  const [, version, major] = /^(\d+)\.(\d+)$/.exec(text) ?? []
  if (version !== undefined && major !== undefined) return [Number(version), Number(major)]
  throw invalidProfile(`minKernel ${JSON.stringify(text)}, expected <version>.<major>, as in 4.8`)
}

function factsOf({ capabilities, architecture, kernel = release() }: SeccompHost): Facts {
  const [, version = 0, major = 0] = /^(\d+)\.(\d+)/.exec(kernel) ?? []
  return { capabilities: new Set(capabilities), arch: MACHINE_NAMES[architecture].arch, kernel: [Number(version), Number(major)] }
}

function mappedArchitectures(archMap: readonly ArchitectureMap[], machine: Machine): string[] {
  const native = MACHINE_NAMES[machine].seccomp
  const entry = archMap.find(({ architecture }) => architecture === native)
  return entry ? [native, ...(entry.subArchitectures ?? [])] : []
}

function applies({ includes, excludes }: ConditionalRule, facts: Facts): boolean {
  return (includes === undefined || includesAll(includes, facts)) && (excludes === undefined || !excludesAny(excludes, facts))
}

function includesAll({ caps, arches, minKernel }: Circumstances, facts: Facts): boolean {
  if (caps?.some((capability) => !facts.capabilities.has(capability))) return false
  if (arches?.length && !arches.includes(facts.arch)) return false
  return minKernel === undefined || atLeast(facts.kernel, parseMinKernel(minKernel))
}

function excludesAny({ caps, arches, minKernel }: Circumstances, facts: Facts): boolean {
  if (caps?.some((capability) => facts.capabilities.has(capability))) return true
  if (arches?.includes(facts.arch)) return true
  return minKernel !== undefined && atLeast(facts.kernel, parseMinKernel(minKernel))
}

function atLeast([version, major]: Version, [minVersion, minMajor]: Version): boolean {
  return version > minVersion || (version === minVersion && major >= minMajor)
}

function withoutConditions({ includes: _includes, excludes: _excludes, ...rule }: ConditionalRule): SeccompRule {
  return rule
}
