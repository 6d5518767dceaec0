import { posix } from 'node:path'
import type { RuntimeCapabilities, RuntimeProcess, RuntimeSpec } from '@gocker/oci'
import { RunError } from '../../error.ts'
import { splitKeyValue } from '../../options/key-value.ts'
import type { Identity } from '../../spec/user.ts'

/** One more command in a container that runs. */
export interface ExecRequest {
  readonly command: readonly string[]
  /** `NAME=value`; `NAME` alone takes the caller's value, or takes the container's away where there is none. */
  readonly env?: readonly string[]
  /** The container's own unless given. */
  readonly workdir?: string
  readonly tty?: boolean
}

/** What the request comes to in this container. */
export interface ExecFindings {
  /** This process's variables. */
  readonly caller: Readonly<Record<string, string | undefined>>
  /** Another user than the container's. */
  readonly user?: { readonly identity: Identity; readonly homeBefore: string }
  /** More than the container's. */
  readonly capabilities?: readonly string[]
}

/**
 * The container's spec with the command's own process: the container's user, variables, rights and limits, and over them what was asked for.
 * @throws {RunError} `NO_COMMAND`, `INVALID_OPTION`
 */
export function execSpec(spec: RuntimeSpec, request: ExecRequest, findings: ExecFindings): RuntimeSpec {
  const { command, tty = false, workdir } = request
  if (command.length === 0) throw new RunError('NO_COMMAND', 'running a command in a container: it is not said which')
  const { consoleSize: _size, ...process } = spec.process
  const own: RuntimeProcess = {
    ...process,
    terminal: tty,
    args: command,
    env: environment(spec.process.env, request, findings),
    cwd: workdir === undefined || workdir === '' ? process.cwd : absolute(workdir),
    ...(findings.user !== undefined && { user: userOf(findings.user.identity) }),
    ...(findings.capabilities !== undefined && { capabilities: allOf(findings.capabilities) }),
  }
  return { ...spec, process: own }
}

function environment(inherited: readonly string[], { env = [], tty = false }: ExecRequest, { caller, user }: ExecFindings): string[] {
  const variables = new Map(inherited.map(splitKeyValue).map(({ key, value = '' }) => [key, value]))
  if (tty && !variables.has('TERM')) variables.set('TERM', 'xterm')
  // The container's HOME follows from its user unless somebody chose it.
  if (user !== undefined && variables.get('HOME') === user.homeBefore) variables.set('HOME', user.identity.home)
  for (const { key, value = caller[key] } of env.map(splitKeyValue)) {
    if (value === undefined) variables.delete(key)
    else variables.set(key, value)
  }
  return [...variables].map(([key, value]) => `${key}=${value}`)
}

function absolute(workdir: string): string {
  if (workdir.startsWith('/')) return posix.normalize(workdir)
  throw new RunError('INVALID_OPTION', `choosing working directory ${JSON.stringify(workdir)}: not an absolute path`)
}

function userOf({ uid, gid, additionalGids }: Identity): RuntimeProcess['user'] {
  return { uid, gid, additionalGids }
}

function allOf(capabilities: readonly string[]): RuntimeCapabilities {
  return { bounding: capabilities, effective: capabilities, permitted: capabilities, inheritable: [], ambient: [] }
}
