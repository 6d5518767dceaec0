import { PullError } from '../error.ts'
import type { HttpResponse } from './http.ts'

/**
 * Reads a whole body of at most `most` bytes.
 * @throws {PullError} `BAD_RESPONSE` when it is larger; else what the socket says
 */
export async function readBody({ body, headers, url }: HttpResponse, most: number): Promise<Buffer> {
  const tooLarge = () => new PullError('BAD_RESPONSE', `reading an answer of ${url.host}: larger than ${most} bytes`)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > most || Number(headers['content-length'] ?? 0) > most) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}
