import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { HostCertificates } from '../settings/certificates.ts'
import { isLoopback } from './loopback.ts'
import { type Environment, proxyFor } from './proxy.ts'

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

export interface HttpRequest {
  readonly method?: HttpMethod
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** A function opens the bytes anew each time the request is sent. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>)
  readonly signal?: AbortSignal | undefined
}

export interface HttpResponse {
  readonly url: URL
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Buffers as they come from the socket; to be read to its end or destroyed. */
  readonly body: Readable
}

export interface Http {
  /** Sends one request and follows nothing. Rejects with what the socket or undici says. */
  request(url: URL, request: HttpRequest): Promise<HttpResponse>
  /** Whether what goes to this URL may go unencrypted, or to a server that cannot prove its name. */
  mayBeInsecure(url: URL): boolean
  close(): Promise<void>
}

export interface HttpOptions {
  /** All hosts, or those that are named with a port or without. */
  readonly insecure?: boolean | ReadonlySet<string> | undefined
  /** What a host is trusted by and known to, besides what the system trusts. */
  readonly certificates?: ((host: string) => Promise<HostCertificates | undefined>) | undefined
  readonly environment?: Environment | undefined
  /** At most so many connections to each host. */
  readonly connections?: number | undefined
  /** Milliseconds between one chunk and the next, while somebody reads. */
  readonly stallTimeout?: number | undefined
}

const HEADERS_TIMEOUT = 60_000
const CONNECT_TIMEOUT = 15_000
const USER_AGENT = 'gocker'

/** Opens nothing yet: undici, whose loading costs more than a container's start, is loaded by the first request. */
export function openHttp(options: HttpOptions = {}): Http {
  const { insecure = false, environment = process.env, connections = 6, stallTimeout = 45_000 } = options
  const dispatchers = new Map<string, Dispatcher>()
  const isCalledInsecure = ({ host, hostname }: URL) =>
    typeof insecure === 'boolean' ? insecure : insecure.has(host) || insecure.has(hostname)
  const mayBeInsecure = (url: URL) => isCalledInsecure(url) || isLoopback(url.hostname)
  const known = new Map<string, Promise<HostCertificates | undefined>>()
  const certificatesOf = (host: string) => {
    const certificates = known.get(host) ?? Promise.resolve(options.certificates?.(host))
    known.set(host, certificates)
    return certificates
  }

  return {
    mayBeInsecure,
    async request(url, { method = 'GET', headers = {}, body, signal }) {
      const { default: undici } = await import('undici')
      const proxy = proxyFor(url, environment)
      const verify = !mayBeInsecure(url)
      const certificates = url.protocol === 'https:' ? await certificatesOf(url.host) : undefined
      const key = `${proxy?.href ?? ''} ${verify} ${certificates === undefined ? '' : url.host}`
      const dispatcher = dispatchers.get(key) ?? openDispatcher(undici, { proxy, verify, certificates, connections, stallTimeout })
      dispatchers.set(key, dispatcher)
      const response = await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers: { 'user-agent': USER_AGENT, ...headers },
        ...(body !== undefined && { body: typeof body === 'function' ? Readable.from(body(), { objectMode: false }) : body }),
        ...(signal !== undefined && { signal }),
      })
      return { url, status: response.statusCode, headers: response.headers, body: response.body }
    },
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()))
    },
  }
}

interface DispatcherOptions {
  readonly proxy: URL | undefined
  readonly verify: boolean
  readonly certificates: HostCertificates | undefined
  readonly connections: number
  readonly stallTimeout: number
}

function openDispatcher(
  undici: typeof import('undici').default,
  { proxy, verify, certificates, connections, stallTimeout }: DispatcherOptions,
): Dispatcher {
  const { ca, cert, key } = certificates ?? {}
  const own = {
    ...(ca !== undefined && { ca: [...ca] }),
    ...(cert !== undefined && { cert: [...cert] }),
    ...(key !== undefined && { key: [...key] }),
  }
  const tls = { rejectUnauthorized: verify, timeout: CONNECT_TIMEOUT, ...own }
  const common = { connections, pipelining: 1, allowH2: false, headersTimeout: HEADERS_TIMEOUT, bodyTimeout: stallTimeout }
  if (proxy === undefined) return new undici.Agent({ ...common, connect: tls })
  return new undici.ProxyAgent({ ...common, uri: proxy.href, requestTls: tls, connectTimeout: CONNECT_TIMEOUT })
}
