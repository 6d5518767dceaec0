import { basicAuthorization, type Credentials, type FindCredentials, loginHint } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
import type { Challenge } from './challenge.ts'
import type { Http } from './http.ts'
import { fetchToken } from './token.ts'

export interface AuthorizerOptions {
  readonly registry: string
  readonly repository: string
  readonly http: Http
  readonly findCredentials: FindCredentials
  /** Asked for besides what the challenges name. */
  readonly scopes: readonly string[]
}

interface Grant {
  /** The value of the Authorization header. */
  readonly header: string
  readonly challenge: Challenge
  /** On the clock of `performance.now()`. */
  readonly expires: number
  readonly isAnonymous: boolean
}

/** A token is renewed when nine tenths of its life are over. */
const USED_LIFE = 0.9

/**
 * Keeps what one repository of one registry has granted, for all requests at once: however many find a token missing or
 * expired, one asks for the next, and the credentials are looked up once.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions
  #credentials: Promise<Credentials | undefined> | undefined
  #grant: Grant | undefined
  #pending: Promise<Grant> | undefined

  constructor(options: AuthorizerOptions) {
    this.#options = options
  }

  /** The Authorization header to send; `undefined` until the registry has asked for one. */
  async header(): Promise<string | undefined> {
    const grant = this.#grant
    if (grant === undefined || performance.now() < grant.expires) return grant?.header
    return (await this.#renew([grant.challenge])).header
  }

  /** Whether the requests are those of somebody. */
  get isAnonymous(): boolean {
    return this.#grant?.isAnonymous ?? true
  }

  /**
   * Answers a 401.
   * @param refused the header that was sent with the refused request
   * @throws {PullError} `UNAUTHORIZED` when there is no answer to give
   */
  async answer(challenges: readonly Challenge[], refused: string | undefined): Promise<void> {
    const renewedMeanwhile = this.#grant !== undefined && this.#grant.header !== refused
    if (!renewedMeanwhile) await this.#renew(challenges)
  }

  #renew(challenges: readonly Challenge[]): Promise<Grant> {
    this.#pending ??= this.#obtain(challenges)
      .then((grant) => {
        this.#grant = grant
        return grant
      })
      .finally(() => {
        this.#pending = undefined
      })
    return this.#pending
  }

  async #obtain(challenges: readonly Challenge[]): Promise<Grant> {
    const { registry, repository, findCredentials, http, scopes } = this.#options
    const challenge = choose(challenges, registry)
    this.#credentials ??= findCredentials(registry, repository)
    const credentials = await this.#credentials
    const isAnonymous = credentials === undefined
    if (challenge.scheme === 'basic') return { header: this.#basic(credentials), challenge, expires: Infinity, isAnonymous }
    if (credentials?.kind === 'registry-token') return { header: `Bearer ${credentials.token}`, challenge, expires: Infinity, isAnonymous }
    const named = challenge.parameters.scope ?? (repository === '' ? '' : `repository:${repository}:pull`)
    const token = await fetchToken({
      challenge,
      scopes: [...new Set([...named.split(' '), ...scopes])].filter((scope) => scope !== ''),
      credentials,
      registry,
      http,
    })
    return { header: `Bearer ${token.text}`, challenge, expires: performance.now() + token.expiresIn * 1000 * USED_LIFE, isAnonymous }
  }

  #basic(credentials: Credentials | undefined): string {
    const { registry } = this.#options
    if (credentials?.kind === 'password') return basicAuthorization(credentials)
    throw new PullError('UNAUTHORIZED', `logging in at ${registry}: it asks for a user and a password, and none is kept for it`, {
      hint: loginHint(registry),
    })
  }
}

function choose(challenges: readonly Challenge[], registry: string): Challenge {
  const known = ['bearer', 'basic'].map((scheme) => challenges.find((challenge) => challenge.scheme === scheme))
  const chosen = known.find((challenge) => challenge !== undefined)
  if (chosen !== undefined) return chosen
  const asked = challenges.map(({ scheme }) => scheme).join(', ') || 'nothing it names'
  throw new PullError('UNAUTHORIZED', `logging in at ${registry}: it asks for ${asked}, which gocker does not know`)
}
