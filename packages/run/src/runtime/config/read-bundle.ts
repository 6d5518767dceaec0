import { readFileSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import type { RuntimeMount, RuntimeProcess, RuntimeResources, RuntimeSpec } from '@gocker/oci'
import { RunError } from '../../error.ts'
import { isBind, isRemount } from '../../program/bind-sources.ts'
import { refuseUnsupported, refuseUnsupportedResources } from './refused.ts'
import { processShape, resourcesShape, runtimeSpecShape } from './runtime-spec-shape.ts'
import { invalidSpec, type Shape } from './shape.ts'

/**
 * A bundle's `config.json`: looked through, with paths made absolute and what was left out filled in.
 * @throws {RunError} `INVALID_SPEC` for what is wrong, `UNSUPPORTED` for what gocker does not do: nothing is passed over silently
 * @see https://github.com/opencontainers/runtime-spec/blob/main/bundle.md
 */
export function readBundle(bundle: string): RuntimeSpec {
  const spec = parsed(readText(`${bundle}/config.json`), 'config.json', runtimeSpecShape) as RuntimeSpec
  checkVersion(spec.ociVersion)
  if (spec.process === undefined) throw invalidSpec('config.json', 'process is missing')
  const complete = completed(spec, bundle)
  refuseUnsupported(complete)
  return complete
}

/** `process` of the specification, by itself. @throws {RunError} `INVALID_SPEC` */
export function readProcess(file: string): RuntimeProcess {
  return completedProcess(parsed(readText(file), 'process', processShape) as RuntimeProcess)
}

/** `linux.resources` of the specification, by itself. @throws {RunError} `INVALID_SPEC`, `UNSUPPORTED` */
export function readResources(content: string): RuntimeResources {
  const resources = parsed(content, 'resources', resourcesShape) as RuntimeResources
  refuseUnsupportedResources(resources)
  return resources
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new RunError('INVALID_SPEC', `reading ${file}: ${code === 'ENOENT' ? 'no such file or directory' : code}`, { cause })
  }
}

/** Programs in Go write `null` for what they leave out. */
function parsed(content: string, what: string, shape: Shape): unknown {
  const value = parse(content, what)
  shape(value, what)
  return value
}

function parse(content: string, what: string): unknown {
  try {
    return JSON.parse(content, (_, value) => value ?? undefined)
  } catch (cause) {
    throw new RunError('INVALID_SPEC', `reading ${what}: ${(cause as Error).message}`, { cause })
  }
}

function checkVersion(version: string): void {
  if (/^1\.\d+\.\d+(-.+)?$/.test(version)) return
  throw invalidSpec('config.json.ociVersion', `${JSON.stringify(version)}, and gocker knows 1.x`)
}

function completed(spec: RuntimeSpec, bundle: string): RuntimeSpec {
  const { linux = { namespaces: [] } } = spec as Partial<RuntimeSpec>
  const { namespaces = [] } = linux as Partial<RuntimeSpec['linux']>
  return {
    ...spec,
    root: { ...spec.root, path: resolve(bundle, spec.root.path) },
    process: completedProcess(spec.process),
    mounts: withoutCovered((spec.mounts ?? []).map((mount) => completedMount(mount, bundle))),
    linux: {
      ...linux,
      // No path is how some say that there is none.
      namespaces: namespaces.map(({ type, path }) => (path === undefined || path === '' ? { type } : { type, path })),
      maskedPaths: [...new Set(linux.maskedPaths)],
      readonlyPaths: [...new Set(linux.readonlyPaths)],
    },
  }
}

function completedProcess(process: RuntimeProcess): RuntimeProcess {
  const { env = [], user = {} } = process as Partial<RuntimeProcess>
  const { uid = 0, gid = 0, ...rest } = user as Partial<RuntimeProcess['user']>
  return { ...process, env, user: { ...rest, uid, gid }, cwd: posix.normalize(process.cwd) }
}

function completedMount(mount: RuntimeMount, bundle: string): RuntimeMount {
  const destination = posix.resolve('/', mount.destination)
  if (!isBind(mount) || isRemount(mount)) return { ...mount, destination }
  if (mount.source === undefined) throw invalidSpec(`the mount on ${mount.destination}`, 'a bind mount without a source')
  return { ...mount, destination, source: resolve(bundle, mount.source) }
}

/** Of two binds on one place the later one is what is seen. */
function withoutCovered(mounts: readonly RuntimeMount[]): RuntimeMount[] {
  const covers = (later: RuntimeMount, mount: RuntimeMount) => later.destination === mount.destination && !isRemount(later)
  return mounts.filter((mount, index) => !isBind(mount) || !mounts.slice(index + 1).some((later) => covers(later, mount)))
}
