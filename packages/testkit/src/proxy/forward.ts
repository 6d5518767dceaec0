import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type Answer, bytes } from './answer.ts'

export interface Forwarded {
  readonly target: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly signal: AbortSignal
}

/**
 * Asks the target what the client has asked. The client's Host header is kept: the registry then writes URLs that lead to the proxy.
 * A target that cannot be reached is a 502.
 */
export function forward(incoming: IncomingMessage, { target, path, headers, signal }: Forwarded): Promise<Answer> {
  return new Promise((resolve) => {
    const send = target.startsWith('https:') ? requestHttps : requestHttp
    // The certificate is one of the tests', and nothing here is worth stealing.
    const options = { method: incoming.method, headers, agent: false, signal, rejectUnauthorized: false } as const
    const outgoing = send(new URL(path, target), options, (answer) => resolve(answerOf(answer)))
    outgoing.on('error', (error) => resolve({ status: 502, headers: {}, body: bytes(`${error}`) }))
    incoming.pipe(outgoing)
  })
}

/** How the bytes travel is each connection's own. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding'])

function answerOf(answer: IncomingMessage): Answer {
  const headers = Object.entries(answer.headersDistinct).filter(([name]) => !HOP_BY_HOP.has(name))
  const single = headers.map(([name, values = []]) => [name, values.length === 1 ? (values[0] ?? '') : values])
  return { status: answer.statusCode ?? 0, headers: Object.fromEntries(single), body: answer }
}
