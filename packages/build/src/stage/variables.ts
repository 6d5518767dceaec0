import { formatPlatform, hostPlatform, type Platform } from '@gocker/oci'
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

/** @see https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
export function globalVariables(
  { globalArgs, directives }: Gockerfile,
  { buildArgs, platform, target }: { buildArgs: Readonly<Record<string, string>>; platform: Platform; target: string },
): GlobalVariables {
  const globals = new Map([...platformArgs('TARGET', platform), ...platformArgs('BUILD', hostPlatform()), ['TARGETSTAGE', target] as const])
  for (const name of [...globals.keys()]) globals.set(name, buildArgs[name] ?? globals.get(name) ?? '')
  for (const { name, value } of globalArgs.flatMap(({ args }) => args)) {
    const given =
      buildArgs[name] ??
      (value === undefined ? globals.get(name) : expand(value, { lookup: (name) => globals.get(name), escape: directives.escape }))
    if (given !== undefined) globals.set(name, given)
  }
  return { buildArgs, globals }
}

function platformArgs(prefix: string, platform: Platform): (readonly [string, string])[] {
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ''],
  ]
}
