import { basicAuthorization, type Credentials, loginHint } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
import type { Challenge } from './challenge.ts'
import type { Http, HttpResponse } from './http.ts'
import { networkError } from './network-error.ts'
import { readBody } from './read-body.ts'
import { requestFollowing } from './redirect.ts'
import { responseError } from './response-error.ts'

export interface Token {
  readonly text: string
  /** Seconds from now. */
  readonly expiresIn: number
}

export interface TokenRequest {
  readonly challenge: Challenge
  /** `repository:library/debian:pull`. */
  readonly scopes: readonly string[]
  readonly credentials: Credentials | undefined
  readonly registry: string
  readonly http: Http
}

const LARGEST_ANSWER = 1024 * 1024
/** What a token lives when its server does not say. */
const DEFAULT_LIFE = 60
const CLIENT_ID = 'gocker'

/**
 * Gets a bearer token from the server that the challenge names.
 * @throws {PullError} `UNAUTHORIZED` when it refuses, `UNREACHABLE`, `RATE_LIMITED`, `BAD_RESPONSE`
 * @see https://distribution.github.io/distribution/spec/auth/token/ by password
 * @see https://distribution.github.io/distribution/spec/auth/oauth/ by identity token
 */
export async function fetchToken(wanted: TokenRequest): Promise<Token> {
  const realm = realmOf(wanted)
  const what = `getting a token for ${wanted.registry} from ${realm.host}`
  const send = wanted.credentials?.kind === 'identity-token' ? byRefresh : byPassword
  let answer: Buffer
  try {
    const response = await send(realm, wanted, what)
    if (response.status !== 200) throw await responseError(what, response, hintFor(response.status, wanted))
    answer = await readBody(response, LARGEST_ANSWER)
  } catch (cause) {
    throw networkError(what, cause, { contacted: true })
  }
  return readToken(answer, what)
}

function realmOf({ challenge, registry, http }: TokenRequest): URL {
  const realm = URL.parse(challenge.parameters.realm ?? '')
  if (realm === null || !/^https?:$/.test(realm.protocol))
    throw new PullError('BAD_RESPONSE', `logging in at ${registry}: its challenge names no token server`)
  if (realm.protocol === 'https:' || http.mayBeInsecure(realm)) return realm
  throw new PullError('BAD_RESPONSE', `logging in at ${registry}: its token server ${realm.host} is not encrypted`, {
    hint: '--insecure allows it',
  })
}

function byPassword(realm: URL, wanted: TokenRequest, what: string): Promise<HttpResponse> {
  const { credentials, challenge, http } = wanted
  const url = new URL(realm)
  if (challenge.parameters.service !== undefined) url.searchParams.set('service', challenge.parameters.service)
  for (const scope of wanted.scopes) url.searchParams.append('scope', scope)
  const headers = credentials?.kind === 'password' ? { authorization: basicAuthorization(credentials) } : {}
  return requestFollowing(http, url, { headers }, what)
}

/** No redirect is followed: the identity token travels in the body. */
function byRefresh(realm: URL, wanted: TokenRequest): Promise<HttpResponse> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: wanted.challenge.parameters.service ?? wanted.registry,
    client_id: CLIENT_ID,
    scope: wanted.scopes.join(' '),
    refresh_token: wanted.credentials?.kind === 'identity-token' ? wanted.credentials.token : '',
  })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return wanted.http.request(realm, { method: 'POST', headers, body: form.toString() })
}

function hintFor(status: number, { credentials, registry }: TokenRequest): string | undefined {
  if (status !== 401 && status !== 403 && status !== 400) return undefined
  return credentials === undefined ? loginHint(registry) : `the credentials kept for ${registry} are not accepted: log in anew`
}

function readToken(answer: Buffer, what: string): Token {
  let document: { token?: unknown; access_token?: unknown; expires_in?: unknown } | null
  try {
    document = JSON.parse(answer.toString()) as typeof document
  } catch {
    throw new PullError('BAD_RESPONSE', `${what}: the answer is not JSON`)
  }
  const text = document?.token || document?.access_token
  if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) throw new PullError('BAD_RESPONSE', `${what}: the answer has no token`)
  const life = Number(document?.expires_in)
  return { text, expiresIn: life > 0 ? life : DEFAULT_LIFE }
}
