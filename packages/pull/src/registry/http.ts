import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
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
  readonly insecure?: boolean | undefined
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
export function openHttp({ insecure = false, environment = process.env, connections = 6, stallTimeout = 45_000 }: HttpOptions = {}): Http {
  const dispatchers = new Map<string, Dispatcher>()
  const mayBeInsecure = (url: URL) => insecure || isLoopback(url.hostname)

  return {
    mayBeInsecure,
    async request(url, { method = 'GET', headers = {}, body, signal }) {
      const { default: undici } = await import('undici')
      const proxy = proxyFor(url, environment)
      const verify = !mayBeInsecure(url)
      const key = `${proxy?.href ?? ''} ${verify}`
      const dispatcher = dispatchers.get(key) ?? openDispatcher(undici, { proxy, verify, connections, stallTimeout })
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

function openDispatcher(
  undici: typeof import('undici').default,
  { proxy, verify, connections, stallTimeout }: { proxy: URL | undefined; verify: boolean; connections: number; stallTimeout: number },
): Dispatcher {
  const tls = { rejectUnauthorized: verify, timeout: CONNECT_TIMEOUT }
  const common = { connections, pipelining: 1, allowH2: false, headersTimeout: HEADERS_TIMEOUT, bodyTimeout: stallTimeout }
  if (proxy === undefined) return new undici.Agent({ ...common, connect: tls })
  return new undici.ProxyAgent({ ...common, uri: proxy.href, requestTls: tls, connectTimeout: CONNECT_TIMEOUT })
}
