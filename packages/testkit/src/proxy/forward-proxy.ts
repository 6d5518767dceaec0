import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { listen } from '../listen.ts'
import { sendAnswer } from './answer.ts'
import { forward } from './forward.ts'

export interface ForwardProxy extends AsyncDisposable {
  /** What `http_proxy` and `https_proxy` are set to, without the password. */
  readonly url: string
  /** Every request, in order: `CONNECT host:port`, or a method and a whole URL. */
  readonly requests: readonly { readonly method: string; readonly target: string; readonly headers: IncomingHttpHeaders }[]
  stop(): Promise<void>
}

/**
 * Starts a proxy on 127.0.0.1 as environments name them: tunnels by CONNECT, and http requests for whole URLs.
 * @param credentials `name:password`, asked for with 407 where given
 */
export async function startForwardProxy(credentials?: string): Promise<ForwardProxy> {
  const requests: { method: string; target: string; headers: IncomingHttpHeaders }[] = []
  const tunnels = new Set<Duplex>()
  const expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`
  /** Records the request; false for a stranger. */
  const admit = ({ method = '', url = '', headers }: IncomingMessage) => {
    requests.push({ method, target: url, headers })
    return expected === undefined || headers['proxy-authorization'] === expected
  }
  const server = createServer((request, response) => {
    if (admit(request)) handOn(request, response).catch(() => response.destroy())
    else refuse(response)
  })
  tunnelBy(server, admit, tunnels)
  const { url, close } = await listen(server)
  const stop = async () => {
    for (const tunnel of tunnels) tunnel.destroy()
    await close()
  }
  return { url, requests, stop, [Symbol.asyncDispose]: stop }
}

const CHALLENGE = 'Basic realm="gocker tests"'

function refuse(response: ServerResponse): void {
  response.writeHead(407, { 'proxy-authenticate': CHALLENGE }).end()
}

async function handOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { origin, pathname, search } = new URL(request.url ?? '', 'http://no.such.host.invalid')
  const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = request.headers
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  await sendAnswer(await forward(request, { target: origin, path: pathname + search, headers, signal: gone.signal }), response)
}

function tunnelBy(server: Server, admit: (request: IncomingMessage) => boolean, tunnels: Set<Duplex>): void {
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    client.on('error', () => client.destroy())
    if (!admit(request)) return void client.end(`HTTP/1.1 407 Who are you\r\nProxy-Authenticate: ${CHALLENGE}\r\n\r\n`)
    const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(request.url ?? '') ?? []
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Go on\r\n\r\n')
      upstream.write(head)
      client.pipe(upstream).pipe(client)
    })
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      tunnels.add(one)
      one.on('error', () => other.destroy()).on('close', () => other.destroy() && tunnels.delete(one))
    }
  })
}
