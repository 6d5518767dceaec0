import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { makeSigningCertificate } from '../certificate.ts'
import { listen } from '../listen.ts'
import { makeTemporaryDirectory, removeTree } from '../temporary-directory.ts'
import { type Asked, readAsked, refreshTokenOf } from './asked.ts'
import { type Account, accountFor, type Grant, parseScope, type User } from './rights.ts'
import { signToken } from './sign.ts'

export interface TokenServerOptions {
  readonly users?: Readonly<Record<string, User>>
  /** What may be done without a name; nothing when left out. */
  readonly anonymous?: readonly Grant[]
  /** How long the registry takes a token; 300 unless said otherwise. 1 is right for a test of renewal. */
  readonly ttlSeconds?: number
  /** What the answers say about that, where it is not the truth; `null` leaves it out. */
  readonly expiresIn?: number | null
  readonly service?: string
  readonly issuer?: string
  /** The field that carries the token: registries name it differently. Both unless said otherwise. */
  readonly field?: 'token' | 'access_token' | 'both'
}

export interface TokenRequest {
  readonly method: string
  /** basic or anonymous for GET; the grant type for POST. */
  readonly grant: string
  readonly user: string | undefined
  readonly service: string | undefined
  readonly scopes: readonly string[]
  readonly status: number
}

export interface TokenServer extends AsyncDisposable {
  readonly url: string
  /** `startRegistry({ auth: tokenServer.auth })` */
  readonly auth: {
    readonly kind: 'token'
    readonly realm: string
    readonly service: string
    readonly issuer: string
    readonly certificateFile: string
  }
  /** Every request answered, in order. */
  readonly requests: readonly TokenRequest[]
  /** A token without a request, for `Bearer`. @param scope `repository:name:pull,push` */
  issue(user: string | undefined, ...scope: string[]): string
  stop(): Promise<void>
}

/**
 * Starts a token server on 127.0.0.1 whose RS256 tokens docker-registry verifies.
 * @see https://distribution.github.io/distribution/spec/auth/token/ and /oauth/
 */
export async function startTokenServer(options: TokenServerOptions = {}): Promise<TokenServer> {
  const directory = makeTemporaryDirectory()
  const certificate = makeSigningCertificate(directory)
  const { service = 'gocker tests', issuer = 'gocker token server' } = options
  const requests: TokenRequest[] = []
  const issue = (account: Account, scopes: readonly string[]) => {
    const access = scopes.map((scope) => account.grant(parseScope(scope)))
    return signToken(certificate, { issuer, service, subject: account.name ?? '', access, ttlSeconds: options.ttlSeconds ?? 300 })
  }
  const server = createServer((request, response) => {
    answer(request, response, { options, requests, issue }).catch(() => response.destroy())
  })
  const { url, close } = await listen(server)
  const stop = async () => {
    await close()
    removeTree(directory)
  }
  return {
    url,
    auth: { kind: 'token', realm: `${url}/token`, service, issuer, certificateFile: certificate.certificateFile },
    requests,
    issue: (user, ...scopes) => issue(accountFor(options, user), scopes),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

interface Desk {
  readonly options: TokenServerOptions
  readonly requests: TokenRequest[]
  issue(account: Account, scopes: readonly string[]): string
}

async function answer(request: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  const asked = await readAsked(request)
  const account = identify(desk.options, asked)
  const [status, body] = account === undefined ? refusal(asked) : [200, granted(desk, account, asked)]
  const { grant, user, service, scopes } = asked
  desk.requests.push({ method: request.method ?? '', grant, user, service, scopes, status })
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** `undefined` for a stranger who says to be somebody. */
function identify(options: TokenServerOptions, { grant, user, password, refreshToken }: Asked): Account | undefined {
  if (grant === 'anonymous') return accountFor(options, undefined)
  const known = user === undefined ? undefined : options.users?.[user]
  if (user === undefined || known === undefined) return undefined
  const isProven = grant === 'refresh_token' ? refreshToken === refreshTokenOf(user) : password === known.password
  return isProven ? accountFor(options, user) : undefined
}

function granted(desk: Desk, account: Account, { form, scopes, wantsRefreshToken }: Asked): Record<string, unknown> {
  const { ttlSeconds = 300, expiresIn = ttlSeconds, field = 'both' } = desk.options
  const token = desk.issue(account, scopes)
  return {
    ...(field !== 'access_token' && form === 'query' && { token }),
    ...((field !== 'token' || form === 'oauth2') && { access_token: token }),
    ...(expiresIn !== null && { expires_in: expiresIn }),
    issued_at: new Date().toISOString(),
    ...(form === 'oauth2' && { scope: scopes.join(' ') }),
    ...(wantsRefreshToken && account.name !== undefined && { refresh_token: refreshTokenOf(account.name) }),
  }
}

function refusal({ form }: Asked): [status: number, body: object] {
  if (form === 'oauth2') return [400, { error: 'invalid_grant', error_description: 'wrong name, password or refresh token' }]
  return [401, { errors: [{ code: 'UNAUTHORIZED', message: 'wrong name or password' }], details: 'wrong name or password' }]
}
