import type { ServerResponse } from 'node:http'

/** An answer on its way to the client. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: AsyncIterable<Uint8Array>
}

/** Thrown by a body where the connection has to end. */
export class Cut extends Error {}

/** Writes the answer, no faster than the client reads it. A connection that ends, by either side, ends this. */
export async function sendAnswer({ status, headers, body }: Answer, response: ServerResponse): Promise<void> {
  response.writeHead(
    status,
    Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one])),
  )
  response.flushHeaders()
  try {
    for await (const chunk of body) await write(response, chunk)
    response.end()
    // Where fewer bytes were sent than announced, Node would keep the connection, and the client would wait for ever.
    if (headers.connection === 'close') response.socket?.end()
  } catch {
    response.socket?.destroy()
  }
}

function write(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}

export async function* bytes(content: string | Uint8Array): AsyncIterable<Uint8Array> {
  if (content.length > 0) yield Buffer.from(content)
}
