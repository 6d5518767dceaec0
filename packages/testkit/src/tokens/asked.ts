import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

/** What a client asks a token server for, whichever way it asks. */
export interface Asked {
  readonly form: 'query' | 'oauth2'
  readonly grant: string
  readonly user: string | undefined
  readonly password: string | undefined
  readonly refreshToken: string | undefined
  readonly service: string | undefined
  readonly scopes: readonly string[]
  readonly wantsRefreshToken: boolean
}

export async function readAsked(request: IncomingMessage): Promise<Asked> {
  return request.method === 'POST' ? readForm(request) : readQuery(request)
}

/** `GET /token?service=…&scope=…&scope=…`, who asks by basic authentication. */
function readQuery({ url = '/', headers: { authorization = '' } }: IncomingMessage): Asked {
  const query = new URL(url, 'http://any').searchParams
  const basic = /^basic (.+)$/i.exec(authorization)?.[1]
  const [user, ...password] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString().split(':')
  return {
    form: 'query',
    grant: basic === undefined ? 'anonymous' : 'basic',
    user,
    password: password.join(':'),
    refreshToken: undefined,
    service: query.get('service') ?? undefined,
    scopes: query.getAll('scope').flatMap((scope) => scope.split(' ')),
    wantsRefreshToken: query.get('offline_token') === 'true',
  }
}

/** The OAuth2 way: a form with a password or with a refresh token. */
async function readForm(request: IncomingMessage): Promise<Asked> {
  const form = new URLSearchParams(await text(request))
  const refreshToken = form.get('refresh_token') ?? undefined
  return {
    form: 'oauth2',
    grant: form.get('grant_type') ?? '',
    user: form.get('username') ?? userOf(refreshToken),
    password: form.get('password') ?? undefined,
    refreshToken,
    service: form.get('service') ?? undefined,
    scopes: (form.get('scope') ?? '').split(' ').filter((scope) => scope !== ''),
    wantsRefreshToken: form.get('access_type') === 'offline' || refreshToken !== undefined,
  }
}

const REFRESH_PREFIX = 'refresh-token-of-'

export function refreshTokenOf(user: string): string {
  return `${REFRESH_PREFIX}${user}`
}

function userOf(refreshToken: string | undefined): string | undefined {
  return refreshToken?.startsWith(REFRESH_PREFIX) ? refreshToken.slice(REFRESH_PREFIX.length) : undefined
}
