import { PullError } from '../error.ts'
import type { Connection } from '../registry/connection.ts'
import type { HttpResponse } from '../registry/http.ts'
import { discard } from '../registry/redirect.ts'
import { Retries, type RetryOptions } from '../transfer/retries.ts'
import type { BlobFacts, BlobSource } from './blob-source.ts'

export type UploadOptions = Omit<RetryOptions, 'digest'>

/** Whether the repository has a blob. */
export async function hasBlob(connection: Connection, { digest }: Pick<BlobFacts, 'digest'>, signal?: AbortSignal): Promise<boolean> {
  const request = { method: 'HEAD', doing: `looking for blob ${digest}`, path: `blobs/${digest}` } as const
  const response = await connection.send({ ...request, expected: [200, 404], signal })
  await discard(response)
  return response.status === 200
}

/**
 * Asks the registry to take a blob over from another of its repositories.
 * @returns false when it does not: then nothing has happened
 */
export async function mountBlob(
  connection: Connection,
  { digest }: BlobFacts,
  { from, signal }: { from: string; signal?: AbortSignal | undefined },
) {
  const path = `blobs/uploads/?${new URLSearchParams({ mount: digest, from })}`
  // Who may not read the other repository is refused outright by some registries, and offered an upload by others.
  const expected = [201, 202, 401, 403, 404]
  const response = await connection.send({ method: 'POST', doing: `mounting blob ${digest}`, path, expected, signal })
  await discard(response)
  if (response.status === 202) await cancelUpload(connection, locationOf(response, 'mounting a blob'))
  return response.status === 201
}

/**
 * Uploads a blob in one stream. What breaks is gone on with where the registry says it is, else begun anew.
 * @returns what the blob came to
 * @throws {PullError} as {@link Connection.send} does; the signal's reason
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks
 */
export async function uploadBlob(connection: Connection, source: BlobSource, options: UploadOptions): Promise<BlobFacts> {
  const upload = new Upload(connection, source, options.signal)
  const retries = new Retries({ ...options, digest: source.name })
  try {
    for (;;) {
      try {
        return await upload.proceed()
      } catch (error) {
        await retries.pauseAfter(error)
        if (await upload.resume()) retries.progressed()
      }
    }
  } catch (error) {
    await upload.cancel()
    throw error
  }
}

class Upload {
  readonly #connection: Connection
  readonly #source: BlobSource
  readonly #signal: AbortSignal | undefined
  readonly #doing: string
  /** Where the registry wants to have what follows. */
  #location: URL | undefined
  /** Bytes that the registry has. */
  #offset = 0

  constructor(connection: Connection, source: BlobSource, signal: AbortSignal | undefined) {
    this.#connection = connection
    this.#source = source
    this.#signal = signal
    this.#doing = `pushing blob ${source.name}`
  }

  /** From where it is to the end. */
  async proceed(): Promise<BlobFacts> {
    this.#location ??= await this.#send('POST', 'blobs/uploads/', 202)
    const known = this.#source.facts()
    if (known === undefined || this.#offset < known.size) this.#location = await this.#send('PATCH', this.#location, 202)
    const facts = this.#source.facts()
    if (facts === undefined) throw new Error(`${this.#doing}: the source has not been read to its end`)
    const end = new URL(this.#location)
    end.searchParams.set('digest', facts.digest)
    await this.#send('PUT', end, 201)
    return facts
  }

  /** Finds out what the registry has. @returns whether it is more than before */
  async resume(): Promise<boolean> {
    const before = this.#offset
    const location = this.#location
    this.#location = undefined
    this.#offset = 0
    if (location === undefined) return false
    const state = await this.#ask(location).catch(ignorePullError)
    if (state?.status !== 204) return false
    this.#location = locationOf(state, this.#doing, location)
    this.#offset = receivedBytes(state)
    return this.#offset > before
  }

  /** Tells the registry that nothing more comes; it finds out by itself, too, only later. */
  async cancel(): Promise<void> {
    if (this.#location !== undefined) await cancelUpload(this.#connection, this.#location)
  }

  async #send(method: 'POST' | 'PATCH' | 'PUT', path: string | URL, status: number): Promise<URL> {
    const content = method === 'PATCH' ? this.#content() : {}
    const response = await this.#connection.send({ method, doing: this.#doing, path, ...content, expected: [status], signal: this.#signal })
    await discard(response)
    return method === 'PUT' ? response.url : locationOf(response, this.#doing)
  }

  #content() {
    const offset = this.#offset
    const size = this.#source.facts()?.size
    const headers = {
      'content-type': 'application/octet-stream',
      ...(size !== undefined && { 'content-length': `${size - offset}` }),
      ...(size !== undefined && offset > 0 && { 'content-range': `${offset}-${size - 1}` }),
    }
    return { headers, body: () => this.#source.open(offset) }
  }

  async #ask(location: URL): Promise<HttpResponse> {
    const expected = [204, 400, 404, 405, 416]
    const response = await this.#connection.send({ doing: this.#doing, path: location, expected, signal: this.#signal })
    await discard(response)
    return response
  }
}

async function cancelUpload(connection: Connection, location: URL): Promise<void> {
  const request = { method: 'DELETE', doing: 'cancelling an upload', path: location, expected: [202, 204, 404, 405] } as const
  const response = await connection.send({ ...request, signal: AbortSignal.timeout(CANCEL_TIMEOUT) }).catch(() => undefined)
  if (response !== undefined) await discard(response)
}

/** Milliseconds that politeness may take. */
const CANCEL_TIMEOUT = 2000

/** `Range: 0-N`. Of an empty upload it is `0-0`. */
function receivedBytes({ headers }: HttpResponse): number {
  const last = Number(/^(?:bytes=)?0-(\d+)$/.exec(String(headers.range ?? ''))?.[1] ?? 0)
  return last === 0 ? 0 : last + 1
}

function locationOf({ headers, url }: HttpResponse, doing: string, otherwise?: URL): URL {
  const location = headers.location === undefined ? otherwise : URL.parse(headers.location, url.href)
  if (location !== undefined && location !== null && /^https?:$/.test(location.protocol)) return location
  throw new PullError('BAD_RESPONSE', `${doing}: ${url.host} does not say where the upload goes on`)
}

function ignorePullError(error: unknown): undefined {
  if (!(error instanceof PullError)) throw error
}
