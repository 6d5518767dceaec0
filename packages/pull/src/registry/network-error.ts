import { PullError } from '../error.ts'

/** Nobody answered, and asking once more at once would not change that. */
const NO_ANSWER: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up now',
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within the time limit',
}

const BROKEN: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'connection reset by the server',
  EPIPE: 'connection closed by the server',
  UND_ERR_SOCKET: 'connection closed by the server',
  UND_ERR_HEADERS_TIMEOUT: 'no answer within the time limit',
  UND_ERR_BODY_TIMEOUT: 'no bytes within the time limit',
}

/**
 * Says in one line why a request got no whole answer.
 * @param options.contacted whether this server has answered before: then even a refused connection is worth another try
 * @throws the cause itself where it is a mistake in the program, which no other try would mend
 */
export function networkError(what: string, cause: unknown, options: { readonly contacted: boolean }): PullError {
  if (cause instanceof PullError) return cause
  if (isMistake(cause)) throw cause
  const code = codeOf(cause)
  const missing = NO_ANSWER[code]
  if (missing !== undefined)
    return new PullError('UNREACHABLE', `${what}: ${missing}`, { cause, transient: options.contacted, hint: unreachableHint(code) })
  if (isTlsError(code)) return tlsError(what, cause, code)
  const refusal = proxyRefusal(cause)
  if (refusal !== undefined)
    return new PullError('UNREACHABLE', `${what}: the proxy answered ${refusal}`, {
      cause,
      hint: 'check HTTPS_PROXY, its user and NO_PROXY',
    })
  const why = BROKEN[code] ?? `the connection failed (${code || String(cause)})`
  return new PullError('UNREACHABLE', `${what}: ${why}`, { cause, transient: true })
}

/** What JavaScript throws of itself; but what a library wraps a socket's error in is none. */
function isMistake(cause: unknown): cause is Error {
  const isOwn = [TypeError, ReferenceError, RangeError, SyntaxError].some((type) => cause instanceof type)
  return isOwn && codeOf((cause as Error).cause) === ''
}

function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0])
  if (!(cause instanceof Error)) return ''
  const { code } = cause as NodeJS.ErrnoException
  return code ?? codeOf(cause.cause)
}

/** undici tells the status of a proxy's refusal in its text alone. */
function proxyRefusal(cause: unknown): string | undefined {
  const text = cause instanceof Error ? cause.message : ''
  return /^Proxy response \((\d+)\)/.exec(text)?.[1] ?? /^Proxy Authentication Required \((\d+)\)/.exec(text)?.[1]
}

function unreachableHint(code: string): string {
  const isName = code === 'ENOTFOUND' || code === 'EAI_AGAIN'
  return isName
    ? 'check the name and the network; behind a proxy, set HTTPS_PROXY'
    : 'check that the registry runs and the network reaches it; behind a proxy, set HTTPS_PROXY'
}

function isTlsError(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|UND_ERR_PRX_TLS)/.test(code)
}

function tlsError(what: string, cause: unknown, code: string): PullError {
  if (/^(EPROTO|ERR_SSL)/.test(code))
    return new PullError('UNREACHABLE', `${what}: the server does not speak TLS (${code})`, {
      cause,
      hint: 'a registry without TLS can be used with --insecure',
    })
  return new PullError('UNREACHABLE', `${what}: the certificate of the server is not trusted (${code})`, {
    cause,
    hint: 'put its authority into /etc/containers/certs.d/HOST/ca.crt, name it in NODE_EXTRA_CA_CERTS, or use --insecure',
  })
}
