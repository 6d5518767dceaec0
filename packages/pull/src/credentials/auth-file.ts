import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { PullError } from '../error.ts'
import type { Credentials } from './credentials.ts'

/** What docker's config.json and containers' auth.json have in common, as far as credentials go. */
export interface AuthFile {
  readonly path: string
  readonly auths: ReadonlyMap<string, AuthEntry>
  /** Registry to the helper that knows it. */
  readonly credHelpers: ReadonlyMap<string, string>
  /** The helper that knows the others. */
  readonly credsStore: string | undefined
}

type AuthEntry = Readonly<Record<string, unknown>>
type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where credentials are looked for, the most explicit first.
 * @see https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties
 * @see https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
 */
export function authFilePaths(environment: Environment): string[] {
  const { REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR, HOME } = environment
  return [
    ...(REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : []),
    join(DOCKER_CONFIG || join(HOME || homedir(), '.docker'), 'config.json'),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'containers', 'auth.json')] : []),
  ]
}

/**
 * @returns `undefined` when there is no such file
 * @throws {PullError} `BAD_CREDENTIALS`
 */
export async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined
    throw new PullError('BAD_CREDENTIALS', `reading credentials of ${path}: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
  const document = parse(text, path)
  return {
    path,
    auths: new Map(Object.entries(record(document.auths)).map(([key, entry]) => [key, record(entry)])),
    credHelpers: new Map(Object.entries(record(document.credHelpers)).filter((pair): pair is [string, string] => isText(pair[1]))),
    credsStore: isText(document.credsStore) ? document.credsStore : undefined,
  }
}

/** The error of a parser may quote the text, which holds passwords: it is not made the cause. */
function parse(text: string, path: string): Record<string, unknown> {
  try {
    return record(JSON.parse(text))
  } catch {
    throw new PullError('BAD_CREDENTIALS', `reading credentials of ${path}: not JSON`, { hint: 'mend the file or move it away' })
  }
}

/**
 * Reads one entry of `auths`.
 * @throws {PullError} `BAD_CREDENTIALS`
 */
export function readAuthEntry(entry: AuthEntry, { path, key }: { path: string; key: string }): Credentials | undefined {
  if (isText(entry.identitytoken)) return { kind: 'identity-token', token: entry.identitytoken }
  if (isText(entry.registrytoken)) return { kind: 'registry-token', token: entry.registrytoken }
  if (isText(entry.auth)) {
    const decoded = Buffer.from(entry.auth, 'base64').toString().replace(/\0+$/, '')
    const colon = decoded.indexOf(':')
    if (colon > 0) return { kind: 'password', username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
    throw new PullError('BAD_CREDENTIALS', `reading credentials of ${path}: auth of ${key} is not base64 of user:password`)
  }
  if (isText(entry.username)) return { kind: 'password', username: entry.username, password: isText(entry.password) ? entry.password : '' }
  return undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
