import { type FindCredentials, loginHint } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
import { Authorizer } from './authorization.ts'
import { parseChallenges } from './challenge.ts'
import type { Endpoint } from './endpoint.ts'
import type { Http, HttpMethod, HttpRequest, HttpResponse } from './http.ts'
import { networkError } from './network-error.ts'
import { discard, requestFollowing } from './redirect.ts'
import { responseError } from './response-error.ts'

export interface ConnectionRequest {
  /** What is done, for messages: `fetching manifest latest`. */
  readonly doing: string
  /** GET unless given. */
  readonly method?: HttpMethod
  /** Below the repository (or `/v2/`, where the endpoint names none): `manifests/latest`; or where the registry has said that an upload goes on. */
  readonly path: string | URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: HttpRequest['body']
  /** Answers that are handed back; any other is an error. */
  readonly expected: readonly number[]
  readonly signal?: AbortSignal | undefined
}

export interface ConnectionOptions {
  readonly http: Http
  readonly findCredentials: FindCredentials
  /** Asked for besides what the registry's challenges name: `repository:library/debian:pull,push`. */
  readonly scopes?: readonly string[]
}

/** Between what is done and where. */
const PREPOSITIONS: Readonly<Record<HttpMethod, string>> = { GET: 'from', HEAD: 'at', POST: 'to', PATCH: 'to', PUT: 'to', DELETE: 'at' }

/** One repository at one endpoint: how it is reached and what it has granted are found out once. */
export class Connection {
  readonly endpoint: Endpoint
  readonly #http: Http
  readonly #authorizer: Authorizer
  #origin: string | undefined

  constructor(endpoint: Endpoint, { http, findCredentials, scopes = [] }: ConnectionOptions) {
    this.endpoint = endpoint
    this.#http = http
    this.#authorizer = new Authorizer({ registry: endpoint.name, repository: endpoint.repository, http, findCredentials, scopes })
  }

  /**
   * Sends one request, answering the registry's challenge when it comes with one. Tries once: whoever calls decides on another.
   * @throws {PullError} `UNAUTHORIZED`, `DENIED`, `NOT_FOUND`, `RATE_LIMITED`, `UNREACHABLE`, `BAD_RESPONSE`; the signal's reason
   */
  async send(request: ConnectionRequest): Promise<HttpResponse> {
    const what = `${request.doing} ${PREPOSITIONS[request.method ?? 'GET']} ${this.endpoint.name}`
    try {
      const response = await this.#authorized(request, what)
      if (request.expected.includes(response.status)) return response
      throw await this.#refusal(response, what)
    } catch (cause) {
      request.signal?.throwIfAborted()
      throw networkError(what, cause, { contacted: this.#origin !== undefined })
    }
  }

  async #authorized(request: ConnectionRequest, what: string): Promise<HttpResponse> {
    let sent = await this.#authorizer.header()
    let response = await this.#reach(request, sent, what)
    // Where a token was taken until now, the next one may have died on the way, too: some live for a second.
    for (let answers = sent === undefined ? 1 : 2; answers > 0 && this.#isChallenge(response); answers--) {
      await discard(response)
      await this.#authorizer.answer(parseChallenges(response.headers['www-authenticate']), sent)
      sent = await this.#authorizer.header()
      response = await this.#reach(request, sent, what)
    }
    return response
  }

  #isChallenge({ status, url }: HttpResponse): boolean {
    return status === 401 && url.origin === this.#origin
  }

  async #reach(request: ConnectionRequest, authorization: string | undefined, what: string): Promise<HttpResponse> {
    if (this.#origin !== undefined) return this.#sendTo(this.#origin, { request, authorization, what })
    const { origins } = this.endpoint
    for (const origin of origins.slice(0, -1)) {
      try {
        return await this.#sendTo(origin, { request, authorization, what })
      } catch (error) {
        if (error instanceof PullError || request.signal?.aborted) throw error
      }
    }
    return this.#sendTo(origins.at(-1) ?? origins[0], { request, authorization, what })
  }

  async #sendTo(
    origin: string,
    { request, authorization, what }: { request: ConnectionRequest; authorization: string | undefined; what: string },
  ): Promise<HttpResponse> {
    const { path, method, body, signal } = request
    const url = path instanceof URL ? path : this.#below(origin, path)
    const isOwn = url.origin === origin
    const headers = { ...request.headers, ...(authorization !== undefined && isOwn && { authorization }) }
    const sent = { headers, signal, ...(method !== undefined && { method }), ...(body !== undefined && { body }) }
    const response = await requestFollowing(this.#http, url, sent, what)
    this.#origin ??= origin
    return response
  }

  #below(origin: string, path: string): URL {
    const { repository } = this.endpoint
    return new URL(repository === '' ? `/v2/${path}` : `/v2/${repository}/${path}`, origin)
  }

  /** A registry says 401 or 403 of what is not there, too, so as not to tell strangers what is. */
  async #refusal(response: HttpResponse, what: string): Promise<PullError> {
    const { name } = this.endpoint
    const isRefusal = response.status === 401 || response.status === 403
    if (!isRefusal) return responseError(what, response)
    const hint = this.#authorizer.isAnonymous
      ? `it may not exist, or be closed to strangers: ${loginHint(name)}`
      : `it may not exist, or the credentials kept for ${name} may not see it`
    return responseError(what, response, hint)
  }
}
