import type { Readable } from 'node:stream'
import type { Descriptor } from '@gocker/oci'
import { PullError } from '../error.ts'
import type { Connection } from './connection.ts'
import type { HttpResponse } from './http.ts'
import { discard } from './redirect.ts'

export interface BlobBody {
  readonly body: Readable
  /** Where in the blob the body begins: where it was asked to, or 0 when the server knows no ranges. */
  readonly offset: number
}

/**
 * Asks for a blob from `offset` on. Nothing is verified yet but what the server says of the size.
 * @throws {PullError} `SIZE_MISMATCH`; see {@link Connection.send}
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
 */
export async function openBlob(
  connection: Connection,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  { offset = 0, signal }: { offset?: number; signal?: AbortSignal | undefined } = {},
): Promise<BlobBody> {
  const doing = `fetching blob ${digest}`
  const ask = (headers: Record<string, string>, expected: readonly number[]) =>
    connection.send({ doing, path: `blobs/${digest}`, headers: { 'accept-encoding': 'identity', ...headers }, expected, signal })

  if (offset > 0) {
    const partial = await ask({ range: `bytes=${offset}-` }, [200, 206, 416])
    if (partial.status === 200) return { body: checkLength(partial, { doing, size }), offset: 0 }
    if (partial.status === 206 && continuesAt(partial, offset, size)) return { body: partial.body, offset }
    await discard(partial)
  }
  const whole = await ask({}, [200])
  return { body: checkLength(whole, { doing, size }), offset: 0 }
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-content-range */
function continuesAt({ headers }: HttpResponse, offset: number, size: number): boolean {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(String(headers['content-range'] ?? '')) ?? []
  return Number(from) === offset && Number(to) < size && (total === '*' || Number(total) === size)
}

function checkLength({ headers, body }: HttpResponse, { doing, size }: { doing: string; size: number }): Readable {
  const length = headers['content-length']
  const isEncoded = (headers['content-encoding'] ?? 'identity') !== 'identity'
  if (length === undefined || isEncoded || Number(length) === size) return body
  body.on('error', () => {}).destroy()
  throw new PullError('SIZE_MISMATCH', `${doing}: expected ${size} bytes, the server offers ${length}`)
}
