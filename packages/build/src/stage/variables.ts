import { formatPlatform, hostPlatform, type Platform } from '@gocker/oci'
import { BuildError } from '../error.ts'
import type { ArgInstruction } from '../instructions/arg.ts'
import { expand } from '../language/expansion.ts'
import type { Gockerfile } from '../language/gockerfile.ts'

/** Known to RUN without an ARG, and left out of the history. */
export const PREDEFINED_ARGS = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
])

/** What every stage can ask for by ARG. */
export interface GlobalVariables {
  readonly buildArgs: Readonly<Record<string, string>>
  /** The ARGs before the first FROM, and those of the platforms. */
  readonly globals: ReadonlyMap<string, string>
}

interface GlobalVariablesOptions {
  readonly buildArgs: Readonly<Record<string, string>>
  readonly platform: Platform
  /** The stage that is asked for, as it is written. */
  readonly target: string | undefined
}

/**
 * What is known before the first stage begins. A value given to the build goes before the one written.
 * @throws {BuildError} at the ARG whose value cannot be expanded
 * @see https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
 */
export function globalVariables(
  { globalArgs, directives, stages }: Gockerfile,
  { buildArgs, platform, target }: GlobalVariablesOptions,
): GlobalVariables {
  const given = new Map(Object.entries(buildArgs))
  const automatic = [...platformArgs('TARGET', platform), ...platformArgs('BUILD', hostPlatform()), targetStage(target, stages)]
  const globals = new Map(automatic.map(([name, value]) => [name, given.get(name) ?? value] as const))
  for (const instruction of globalArgs) {
    for (const { name, value } of instruction.args) {
      const known = given.get(name) ?? (value === undefined ? undefined : expandedIn(globals, value, instruction, directives.escape))
      if (known !== undefined) globals.set(name, known)
    }
  }
  return { buildArgs, globals }
}

function expandedIn(globals: ReadonlyMap<string, string>, value: string, { at }: ArgInstruction, escape: string): string {
  try {
    return expand(value, { lookup: (name) => globals.get(name), escape })
  } catch (cause) {
    if (!(cause instanceof BuildError)) throw cause
    throw new BuildError(cause.code, `ARG: ${cause.message}`, { at, cause })
  }
}

/** Without a stage that is asked for the last one, if it has a name. */
function targetStage(target: string | undefined, stages: Gockerfile['stages']): readonly [string, string] {
  return ['TARGETSTAGE', target ?? stages.at(-1)?.from.name ?? 'default']
}

function platformArgs(prefix: string, platform: Platform): (readonly [string, string])[] {
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}OSVERSION`, platform['os.version'] ?? ''],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ''],
  ]
}
