import { randomUUID, sign, X509Certificate } from 'node:crypto'
import type { Certificate } from '../certificate.ts'
import type { Access } from './rights.ts'

export interface Claims {
  readonly issuer: string
  readonly service: string
  readonly subject: string
  readonly access: readonly Access[]
  readonly ttlSeconds: number
}

/** docker-registry takes a token for a minute after it has expired; the time in the token is set back by that. */
const REGISTRY_LEEWAY = 60

/**
 * A JSON web token, signed with RS256, that brings its certificate along (`x5c`): the registry asks of it to be in its root bundle.
 * @see https://distribution.github.io/distribution/spec/auth/jwt/
 */
export function signToken(certificate: Certificate, { issuer, service, subject, access, ttlSeconds }: Claims): string {
  const now = Math.floor(Date.now() / 1000)
  const header = { typ: 'JWT', alg: 'RS256', x5c: [new X509Certificate(certificate.certificate).raw.toString('base64')] }
  const times = { iat: now, nbf: now - REGISTRY_LEEWAY, exp: now + ttlSeconds - REGISTRY_LEEWAY }
  const claims = { iss: issuer, aud: service, sub: subject, ...times, jti: randomUUID(), access }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${sign('sha256', Buffer.from(signed), certificate.key).toString('base64url')}`
}
