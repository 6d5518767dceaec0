import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getEncrypted } from 'node:https'
import { join, posix } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Digest } from '@gocker/oci'
import { withoutCredentials } from './remote-source.ts'

export interface Downloaded {
  /** What the file is called: by its URL, else by what the server says. */
  readonly name: string
  readonly digest: Digest
}

const MOST_REDIRECTS = 10
const STALL_TIMEOUT = 60_000

/**
 * Fetches a file into a directory: mode 0600, and the time that the server says.
 * @throws {Error} naming the URL, without the credentials that may be in it
 */
export async function download(url: string, directory: string, signal: AbortSignal): Promise<Downloaded> {
  try {
    const response = await respond(new URL(url), signal)
    const name = nameOf(url) ?? nameIn(response)
    if (name === undefined) throw new Error('neither the URL nor the server names the file')
    const digest = await write(response, join(directory, name), signal)
    return { name, digest }
  } catch (cause) {
    signal.throwIfAborted()
    throw new Error(`fetching ${withoutCredentials(url)}: ${(cause as Error).message}`, { cause })
  }
}

/** The last name of a URL's path; `undefined` when there is none. */
function nameOf(url: string): string | undefined {
  return safeName(decodeURIComponent(new URL(url).pathname))
}

async function respond(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  let at = url
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await request(at, signal)
    const { statusCode = 0, headers } = response
    if (statusCode === 200) return response
    response.resume()
    if (headers.location === undefined || ![301, 302, 303, 307, 308].includes(statusCode))
      throw new Error(`the server answers ${statusCode} ${response.statusMessage ?? ''}`.trim())
    at = new URL(headers.location, at)
    if (!/^https?:$/.test(at.protocol)) throw new Error(`it is redirected to ${at.protocol}`)
  }
  throw new Error(`more than ${MOST_REDIRECTS} redirects`)
}

function request(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'http:' ? getPlain : getEncrypted
    const asked = get(url, { signal, timeout: STALL_TIMEOUT, headers: { 'user-agent': 'gocker', 'accept-encoding': 'identity' } }, resolve)
    asked.on('timeout', () => asked.destroy(new Error(`nothing came for ${STALL_TIMEOUT / 1000} seconds`)))
    asked.on('error', reject)
  })
}

async function write(response: IncomingMessage, path: string, signal: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline(response, hashing, createWriteStream(path, { mode: 0o600, flags: 'wx' }), { signal })
  const modified = Date.parse(response.headers['last-modified'] ?? '')
  if (!Number.isNaN(modified)) await utimes(path, modified / 1000, modified / 1000)
  return `sha256:${hash.digest('hex')}`
}

function nameIn({ headers }: IncomingMessage): string | undefined {
  const [, quoted, plain] = /filename=(?:"([^"]*)"|([^;\s]+))/i.exec(headers['content-disposition'] ?? '') ?? []
  return safeName(quoted ?? plain ?? '')
}

function safeName(path: string): string | undefined {
  const name = posix.basename(path)
  return ['', '.', '..', '/'].includes(name) || name.includes('\0') ? undefined : name
}
