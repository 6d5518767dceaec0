import { actionValue } from './actions.ts'
import { checkArchitecture } from './architectures.ts'
import { conditionSets } from './condition.ts'
import {
  type ArchitectureMap,
  type Circumstances,
  type ConditionalProfile,
  type ConditionalRule,
  parseMinKernel,
  resolveProfile,
  type SeccompHost,
} from './conditional-profile.ts'
import { type Fields, parseFields } from './fields.ts'
import { seccompFlags } from './flags.ts'
import { refuseToNotify } from './notify.ts'
import type { SeccompArgument, SeccompProfile } from './profile.ts'
import { invalidProfile } from './refusal.ts'

/**
 * Reads a profile as `--security-opt seccomp=FILE` takes it, docker's format or the runtime spec's, and decides its
 * conditions. Fields that neither format has are passed over, as docker does.
 * @param profile JSON text, or what it parsed to
 * @throws {KernelError} `EINVAL` naming the place, `UNSUPPORTED` for `SCMP_ACT_NOTIFY`
 * @see https://docs.docker.com/engine/security/seccomp/
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp
 */
export function parseSeccompProfile(profile: string | object, host: SeccompHost): SeccompProfile {
  const conditional = readProfile(parseFields(profile))
  const resolved = resolveProfile(conditional, host)
  seccompFlags(resolved)
  return resolved
}

function readProfile(fields: Fields): ConditionalProfile {
  const architectures = fields.texts('architectures')
  const archMap = fields.objects('archMap')?.map(readArchitectureMap)
  if (architectures?.length && archMap?.length) throw invalidProfile('both architectures and archMap are given, expected one of them')
  for (const name of architectures ?? []) checkArchitecture(name)
  const defaultAction = fields.text('defaultAction')
  const defaultErrnoRet = fields.optionalNumber('defaultErrnoRet')
  fields.at('defaultAction', () => checkAction(defaultAction, defaultErrnoRet))
  const flags = fields.texts('flags')
  return {
    defaultAction,
    ...(defaultErrnoRet !== undefined && { defaultErrnoRet }),
    ...(architectures?.length && { architectures }),
    ...(archMap?.length && { archMap }),
    ...(flags && { flags }),
    syscalls: (fields.objects('syscalls') ?? []).map(readRule),
  }
}

function readArchitectureMap(fields: Fields): ArchitectureMap {
  const architecture = fields.text('architecture')
  const subArchitectures = fields.texts('subArchitectures') ?? []
  for (const name of [architecture, ...subArchitectures]) fields.at(undefined, () => checkArchitecture(name))
  return { architecture, subArchitectures }
}

function readRule(fields: Fields): ConditionalRule {
  const errnoRet = fields.optionalNumber('errnoRet')
  const args = fields.objects('args')?.map(readArgument)
  const includes = fields.object('includes')
  const excludes = fields.object('excludes')
  const rule = {
    names: readNames(fields),
    action: fields.text('action'),
    ...(errnoRet !== undefined && { errnoRet }),
    ...(args?.length && { args }),
  }
  fields.at('action', () => checkAction(rule.action, errnoRet))
  fields.at('args', () => conditionSets(rule))
  return { ...rule, ...(includes && { includes: readCircumstances(includes) }), ...(excludes && { excludes: readCircumstances(excludes) }) }
}

/** Nobody is said who could be asked. */
function checkAction(action: string, errnoRet: number | undefined): void {
  refuseToNotify(action)
  actionValue(action, errnoRet)
}

/** `name` is the form of docker before 1.13. */
function readNames(fields: Fields): readonly string[] {
  const name = fields.optionalText('name')
  const names = fields.texts('names')
  if (name && names?.length) throw fields.invalid('both name and names are given, expected one of them')
  if (name) return [name]
  if (names?.length) return names
  throw fields.invalid('no names, expected those of system calls')
}

function readArgument(fields: Fields): SeccompArgument {
  const valueTwo = fields.optionalNumber('valueTwo')
  return {
    index: fields.number('index'),
    value: fields.number('value'),
    ...(valueTwo !== undefined && { valueTwo }),
    op: fields.text('op'),
  }
}

function readCircumstances(fields: Fields): Circumstances {
  const caps = fields.texts('caps')
  const arches = fields.texts('arches')
  const minKernel = fields.optionalText('minKernel')
  if (minKernel) fields.at('minKernel', () => parseMinKernel(minKernel))
  return { ...(caps && { caps }), ...(arches && { arches }), ...(minKernel && { minKernel }) }
}
