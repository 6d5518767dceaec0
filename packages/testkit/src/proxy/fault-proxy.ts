import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { listen } from '../listen.ts'
import { type Answer, bytes, sendAnswer } from './answer.ts'
import { changeAnswer, statusAnswer } from './effects.ts'
import { type Arrival, type CountedFault, type Fault, faultsFor } from './fault.ts'
import { forward } from './forward.ts'

export interface FaultProxyOptions {
  readonly faults?: readonly Fault[]
  /** Where redirects lead: another port of this address; 127.0.0.2 is another host too. */
  readonly storageAddress?: string
}

/** A request that arrived. */
export interface ProxiedRequest {
  readonly server: 'registry' | 'storage'
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** What was injected. */
  readonly faults: readonly Fault['kind'][]
  /** `undefined` until there is an answer, and for a hang-up. */
  status: number | undefined
}

export interface FaultProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`: takes the registry's place in an image's name. */
  readonly host: string
  readonly url: string
  readonly storageUrl: string
  /** Every request, in order of arrival. */
  readonly requests: readonly ProxiedRequest[]
  /** Adds faults; their counting begins now. */
  inject(...faults: readonly Fault[]): void
  /** Takes all faults away. */
  heal(): void
  stop(): Promise<void>
}

/**
 * Starts a proxy on 127.0.0.1 in front of a registry (or any http server) that hands everything on, but for the faults. Several faults that
 * meet one request are done one after another, in the order they were given.
 * @param target `http://127.0.0.1:PORT`, what `startRegistry` and `startTokenServer` have as `url`
 */
export async function startFaultProxy(target: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const proxy: Proxy = { target, requests: [], faults: [], tickets: [] }
  const storage = await listen(serverOf(proxy, { server: 'storage' }), options.storageAddress)
  const registry = await listen(serverOf(proxy, { server: 'registry', storageUrl: storage.url }))
  const inject = (...faults: readonly Fault[]) => void proxy.faults.push(...faults.map((fault) => ({ fault, fitted: 0 })))
  const stop = async () => void (await Promise.all([registry.close(), storage.close()]))
  inject(...(options.faults ?? []))
  return {
    host: registry.host,
    url: registry.url,
    storageUrl: storage.url,
    requests: proxy.requests,
    inject,
    heal: () => void proxy.faults.splice(0),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

interface Proxy {
  readonly target: string
  readonly requests: ProxiedRequest[]
  readonly faults: CountedFault[]
  /** The Authorization of each request that was redirected: the storage asks the registry with it. */
  readonly tickets: (string | undefined)[]
}

type Side = { readonly server: 'registry'; readonly storageUrl: string } | { readonly server: 'storage' }

function serverOf(proxy: Proxy, side: Side): Server {
  return createServer((request, response) => {
    handle({ proxy, side, request, response }).catch(() => response.destroy())
  })
}

interface Exchange {
  readonly proxy: Proxy
  readonly side: Side
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function handle(exchange: Exchange): Promise<void> {
  const { proxy, side, request, response } = exchange
  const arrival: Arrival = { server: side.server, method: request.method ?? '', path: request.url ?? '' }
  const faults = faultsFor(proxy.faults, arrival)
  const record: ProxiedRequest = { ...arrival, headers: request.headers, faults: faults.map(({ kind }) => kind), status: undefined }
  proxy.requests.push(record)
  if (faults.some(({ kind }) => kind === 'hang-up')) return void request.socket.destroy()
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const plain = await answerInstead(exchange, faults, gone.signal)
  const answer = faults.reduce((changed, fault) => changeAnswer(changed, fault, gone.signal), plain)
  record.status = answer.status
  await sendAnswer(answer, response)
}

/** The answer before it is changed: a fault's own, or the registry's. */
async function answerInstead(exchange: Exchange, faults: readonly Fault[], signal: AbortSignal): Promise<Answer> {
  const { side, request } = exchange
  for (const fault of faults) {
    if (fault.kind === 'status') return statusAnswer(fault)
    if (fault.kind === 'redirect' && side.server === 'registry') return redirect(exchange, side.storageUrl, fault.status ?? 307)
  }
  const { range, ...others } = request.headers
  const headers = faults.some(({ kind }) => kind === 'ignore-range') || range === undefined ? others : { ...others, range }
  return side.server === 'storage' ? storedAnswer(exchange, headers, signal) : registryAnswer(exchange, headers, signal)
}

function redirect({ proxy, request }: Exchange, storageUrl: string, status: number): Answer {
  const ticket = proxy.tickets.push(request.headers.authorization) - 1
  const location = new URL(request.url ?? '', storageUrl)
  location.searchParams.set('ticket', String(ticket))
  return { status, headers: { location: location.href, 'content-length': '0' }, body: bytes('') }
}

async function registryAnswer({ proxy, request }: Exchange, headers: IncomingHttpHeaders, signal: AbortSignal): Promise<Answer> {
  const answer = await forward(request, { target: proxy.target, path: request.url ?? '', headers, signal })
  const { location } = answer.headers
  if (typeof location !== 'string') return answer
  const own = `http://${request.headers.host}`
  const through = [proxy.target, `https://${request.headers.host}`].reduce(
    (url, origin) => (url.startsWith(origin) ? own + url.slice(origin.length) : url),
    location,
  )
  return { ...answer, headers: { ...answer.headers, location: through } }
}

async function storedAnswer({ proxy, request }: Exchange, headers: IncomingHttpHeaders, signal: AbortSignal): Promise<Answer> {
  const url = new URL(request.url ?? '', proxy.target)
  const ticket = Number(url.searchParams.get('ticket') ?? Number.NaN)
  if (!(ticket in proxy.tickets)) return statusAnswer({ kind: 'status', status: 403, body: 'no such ticket' })
  if (headers.authorization !== undefined) return statusAnswer({ kind: 'status', status: 400, body: 'only one way to authorize, please' })
  url.searchParams.delete('ticket')
  const authorization = proxy.tickets[ticket]
  const own = { ...headers, ...(authorization !== undefined && { authorization }) }
  return forward(request, { target: proxy.target, path: url.pathname + url.search, headers: own, signal })
}
