import { PullError, type PullErrorCode } from '../error.ts'
import type { HttpResponse } from './http.ts'
import { printable } from './printable.ts'
import { readBody } from './read-body.ts'
import { parseRetryAfter } from './retry-after.ts'

const TRANSIENT = new Set([408, 429, 500, 502, 503, 504])
const LONGEST_EXPLANATION = 16 * 1024

/**
 * Makes an error of an answer that is not the wanted one, and reads its body for the registry's own words.
 * @param what `fetching manifest latest of debian from docker.io`
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 */
export async function responseError(what: string, response: HttpResponse, hint?: string): Promise<PullError> {
  const { status } = response
  const said = await explanation(response)
  const why = `${meaning(status)}${said === undefined ? '' : ` (${said})`}`
  return new PullError(codeFor(status), `${what}: ${why}`, {
    transient: TRANSIENT.has(status),
    retryAfter: parseRetryAfter(response.headers['retry-after']),
    hint: hint ?? (status === 429 ? 'wait, log in at the registry, or name a mirror in GOCKER_REGISTRY_MIRRORS' : undefined),
  })
}

function codeFor(status: number): PullErrorCode {
  if (status === 401) return 'UNAUTHORIZED'
  if (status === 403) return 'DENIED'
  if (status === 404) return 'NOT_FOUND'
  if (status === 429) return 'RATE_LIMITED'
  return 'BAD_RESPONSE'
}

function meaning(status: number): string {
  const words: Record<number, string> = { 401: 'not authorized', 403: 'access denied', 404: 'not found', 429: 'too many requests' }
  return words[status] ?? `the server answered ${status}`
}

async function explanation(response: HttpResponse): Promise<string | undefined> {
  try {
    const document = JSON.parse((await readBody(response, LONGEST_EXPLANATION)).toString()) as { errors?: unknown; details?: unknown }
    const [first] = Array.isArray(document.errors) ? (document.errors as { code?: unknown; message?: unknown }[]) : []
    const words = [first?.code, first?.message].filter((part) => typeof part === 'string' && part !== '')
    return words.length === 0 ? undefined : shortened(printable(words.join(': ')))
  } catch {
    return undefined
  }
}

function shortened(line: string): string {
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}
