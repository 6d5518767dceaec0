import { PullError } from '../error.ts'
import type { Http, HttpRequest, HttpResponse } from './http.ts'

const MOST_REDIRECTS = 10
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * Sends a request and follows its redirects by hand: from the first other origin on, nobody is told who asks,
 * and a redirect never leads out of TLS.
 * @throws {PullError} `BAD_RESPONSE`; else what {@link Http.request} rejects with
 */
export async function requestFollowing(http: Http, first: URL, request: HttpRequest, what: string): Promise<HttpResponse> {
  let url = first
  let headers = request.headers
  for (let count = 0; count <= MOST_REDIRECTS; count++) {
    const response = await http.request(url, { ...request, ...(headers !== undefined && { headers }) })
    if (!REDIRECTS.has(response.status)) return response
    await discard(response)
    const next = targetOf(response, what)
    refuseDowngrade(http, { from: url, to: next, what })
    if (next.origin !== first.origin) headers = withoutAuthorization(headers)
    url = next
  }
  throw new PullError('BAD_RESPONSE', `${what}: more than ${MOST_REDIRECTS} redirects`)
}

/** Gives the connection back when little is left to read, else closes it. */
export async function discard({ body }: HttpResponse): Promise<void> {
  let rest = 64 * 1024
  try {
    for await (const chunk of body) {
      rest -= (chunk as Buffer).length
      if (rest < 0) break
    }
  } catch {
    // Whatever breaks here, the answer's head has been read and its body is of no use.
  }
}

function targetOf({ headers, status, url }: HttpResponse, what: string): URL {
  const { location } = headers
  const target = location === undefined ? undefined : URL.parse(location, url.href)
  if (target !== null && target !== undefined && /^https?:$/.test(target.protocol)) return target
  throw new PullError('BAD_RESPONSE', `${what}: ${url.host} redirects (${status}) to nowhere`)
}

function refuseDowngrade(http: Http, { from, to, what }: { from: URL; to: URL; what: string }): void {
  if (from.protocol !== 'https:' || to.protocol === 'https:' || http.mayBeInsecure(to)) return
  throw new PullError('BAD_RESPONSE', `${what}: ${from.host} redirects from https to http at ${to.host}`, {
    hint: '--insecure allows it',
  })
}

function withoutAuthorization(headers: HttpRequest['headers']): Record<string, string> {
  const { authorization: _, ...rest } = headers ?? {}
  return rest
}
