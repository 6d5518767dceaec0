import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface ScriptedServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  readonly url: string
  readonly seen: SeenRequest[]
}

export type Script = (request: SeenRequest, response: ServerResponse) => void | Promise<void>

/** A server on loopback that does to every request what the test says, and goes with the test. */
export async function scriptedServer(t: TestContext, script: Script): Promise<ScriptedServer> {
  const seen: SeenRequest[] = []
  const sockets = new Set<Socket>()
  const server = createServer(async (incoming, response) => {
    const body = (await incoming.toArray()).map(String).join('')
    const request = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body }
    seen.push(request)
    await script(request, response)
  })
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { host, url: `http://${host}`, seen }
}

export function answer(
  response: ServerResponse,
  status: number,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string | Buffer } = {},
): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
  response.end(body)
}

export function json(response: ServerResponse, status: number, document: unknown, headers: Record<string, string> = {}): void {
  answer(response, status, { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(document) })
}
