import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, utimes } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Digest } from '@gocker/oci'
import { basicAuthorization } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
import { type Http, type HttpResponse, openHttp } from '../registry/http.ts'
import { networkError } from '../registry/network-error.ts'
import { requestFollowing } from '../registry/redirect.ts'
import { responseError } from '../registry/response-error.ts'
import { PATIENT, Retries, type RetryOptions } from './retries.ts'

export interface DownloadFileOptions extends Omit<RetryOptions, 'digest'> {
  /** The file is made in it. */
  readonly directory: string
  /** Where proxies are read; by default the process's own. */
  readonly environment?: NodeJS.ProcessEnv | undefined
}

export interface DownloadedFile {
  /** By its address, else by what the server says. */
  readonly name: string
  readonly digest: Digest
}

/**
 * Fetches a file, through proxies and across cut connections: mode 0600, and the time that the server says.
 * @param address `http:` or `https:`; a name and a password in it are sent to its own host alone
 * @throws {PullError} naming the address without them; the signal's reason
 */
export async function downloadFile(address: string, options: DownloadFileOptions): Promise<DownloadedFile> {
  const { environment = process.env, policy = PATIENT, signal } = options
  const http = openHttp({ environment, stallTimeout: policy.longestStall })
  const retries = new Retries(options)
  const download = new FileDownload(new URL(address), http, options)
  try {
    for (;;) {
      try {
        return await download.proceed(() => retries.progressed())
      } catch (error) {
        signal?.throwIfAborted()
        await retries.pauseAfter(networkError(download.doing, error, { contacted: download.isAnswered }))
      }
    }
  } finally {
    await download.close()
    await http.close()
  }
}

/** A file that comes, be it in several goes. */
class FileDownload {
  readonly doing: string
  readonly #url: URL
  readonly #http: Http
  readonly #options: DownloadFileOptions
  #file: { readonly name: string; readonly handle: FileHandle } | undefined
  #hash: Hash = createHash('sha256')
  #received = 0
  /** What says that the server still has the same file. */
  #validator: string | undefined
  isAnswered = false

  constructor(url: URL, http: Http, options: DownloadFileOptions) {
    this.#url = url
    this.#http = http
    this.#options = options
    this.doing = `fetching ${withoutUser(url)}`
  }

  async proceed(onProgress: () => void): Promise<DownloadedFile> {
    const response = await this.#ask()
    const { name, handle } = await this.#fileFor(response)
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      await writeAll(handle, chunk, this.#received)
      this.#hash.update(chunk)
      this.#received += chunk.length
      onProgress()
    }
    const modified = Date.parse(response.headers['last-modified'] ?? '') / 1000
    if (!Number.isNaN(modified)) await utimes(join(this.#options.directory, name), modified, modified)
    return { name, digest: `sha256:${this.#hash.digest('hex')}` }
  }

  async close(): Promise<void> {
    await this.#file?.handle.close()
  }

  async #ask(): Promise<HttpResponse> {
    const { username, password } = this.#url
    const isContinued = this.#received > 0 && this.#validator !== undefined
    const headers = {
      'accept-encoding': 'identity',
      ...(username !== '' && {
        authorization: basicAuthorization({ username: decodeURIComponent(username), password: decodeURIComponent(password) }),
      }),
      ...(isContinued && { range: `bytes=${this.#received}-`, 'if-range': this.#validator ?? '' }),
    }
    const response = await requestFollowing(this.#http, this.#url, { headers, signal: this.#options.signal }, this.doing)
    this.isAnswered = true
    if (response.status !== 200 && !(isContinued && this.#continues(response))) throw await responseError(this.doing, response)
    return response
  }

  /** @see https://www.rfc-editor.org/rfc/rfc9110#name-content-range */
  #continues({ status, headers }: HttpResponse): boolean {
    return status === 206 && String(headers['content-range'] ?? '').startsWith(`bytes ${this.#received}-`)
  }

  /** Opened when its name is known; what comes as a whole begins it anew. */
  async #fileFor(response: HttpResponse): Promise<{ name: string; handle: FileHandle }> {
    if (this.#file === undefined) {
      const name = nameIn(this.#url) ?? nameBy(response)
      if (name === undefined) throw new PullError('BAD_RESPONSE', `${this.doing}: neither the address nor the server names the file`)
      this.#file = { name, handle: await open(join(this.#options.directory, name), 'wx', 0o600) }
    } else if (response.status === 200) {
      await this.#file.handle.truncate(0)
      this.#hash = createHash('sha256')
      this.#received = 0
    }
    this.#validator = validatorOf(response)
    return { name: this.#file.name, handle: this.#file.handle }
  }
}

/** A weak tag says nothing of bytes. @see https://www.rfc-editor.org/rfc/rfc9110#name-if-range */
function validatorOf({ headers: { etag, 'last-modified': modified } }: HttpResponse): string | undefined {
  return etag === undefined || etag.startsWith('W/') ? modified : etag
}

async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at, chunk.length - at, position + at)).bytesWritten
}

function withoutUser({ href, username, password }: URL): string {
  return username === '' && password === '' ? href : href.replace(/\/\/[^/@]*@/, '//')
}

/** The last name of an address's path. */
function nameIn({ pathname }: URL): string | undefined {
  return safeName(decodeURIComponent(pathname))
}

function nameBy({ headers }: HttpResponse): string | undefined {
  const [, quoted, plain] = /filename=(?:"([^"]*)"|([^;\s]+))/i.exec(String(headers['content-disposition'] ?? '')) ?? []
  return safeName(quoted ?? plain ?? '')
}

function safeName(path: string): string | undefined {
  const name = posix.basename(path)
  return ['', '.', '..', '/'].includes(name) || name.includes('\0') ? undefined : name
}
