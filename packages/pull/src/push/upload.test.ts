import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Digest } from '@gocker/oci'
import { PullError } from '../error.ts'
import { Connection } from '../registry/connection.ts'
import { openHttp } from '../registry/http.ts'
import { HASTY } from '../testing/image.ts'
import type { BlobSource } from './blob-source.ts'
import { mountBlob, uploadBlob } from './upload.ts'

const CONTENT = randomBytes(3_000_000)
const DIGEST: Digest = `sha256:${createHash('sha256').update(CONTENT).digest('hex')}`

/** A registry of one upload at a time, which keeps what came before a connection broke, as the specification wants it. */
class Uploads {
  readonly log: string[] = []
  received = Buffer.alloc(0)
  blob: Buffer | undefined
  /** The first PATCH breaks when so many bytes have come. */
  breakAt = Number.POSITIVE_INFINITY
  forgets = false

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request
    this.log.push(`${method}${headers['content-range'] === undefined ? '' : ` ${headers['content-range']}`}`)
    if (method === 'POST') this.received = Buffer.alloc(0)
    if (method === 'PATCH' && !(await this.#take(request))) return
    if (method === 'PUT') this.blob = this.received
    if (method === 'GET' && this.forgets) return void response.writeHead(404, { 'content-length': 0 }).end()
    const status = { POST: 202, PATCH: 202, GET: 204, PUT: 201, DELETE: 204 }[method] ?? 400
    const range = `0-${Math.max(0, this.received.length - 1)}`
    response.writeHead(status, { location: '/v2/x/blobs/uploads/1?state=a', range, 'content-length': 0 }).end()
  }

  async #take(request: IncomingMessage): Promise<boolean> {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      this.received = Buffer.concat([this.received, chunk])
      if (this.received.length < this.breakAt) continue
      this.breakAt = Number.POSITIVE_INFINITY
      request.socket.destroy()
      return false
    }
    return true
  }
}

async function opened(t: TestContext, uploads: Uploads): Promise<Connection> {
  const server = createServer((request, response) => void uploads.answer(request, response).catch(() => {}))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const http = openHttp({ environment: {} })
  t.after(async () => {
    await http.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const endpoint = { name: 'x', origins: [`http://127.0.0.1:${port}`], repository: 'x', isMirror: false, isInsecure: true } as const
  return new Connection(endpoint, { http, findCredentials: async () => undefined })
}

function source(size: number | undefined): BlobSource {
  let read = false
  return {
    name: DIGEST,
    facts: () => (size !== undefined || read ? { digest: DIGEST, size: CONTENT.length } : undefined),
    async *open(offset) {
      for (let at = offset; at < CONTENT.length; at += 65_536) yield CONTENT.subarray(at, Math.min(at + 65_536, CONTENT.length))
      read = true
    },
  }
}

for (const size of [CONTENT.length, undefined])
  test(`an upload ${size === undefined ? 'of unknown size' : 'that says its size'} goes on where the connection broke`, async (t) => {
    const uploads = new Uploads()
    uploads.breakAt = 1_000_000
    const sent = await uploadBlob(await opened(t, uploads), source(size), { policy: HASTY })
    assert.deepEqual(sent, { digest: DIGEST, size: CONTENT.length })
    assert.ok(uploads.blob?.equals(CONTENT))
    const methods = uploads.log.map((line) => line.split(' ')[0])
    assert.deepEqual(methods, ['POST', 'PATCH', 'GET', 'PATCH', 'PUT'])
    if (size !== undefined) assert.match(uploads.log[3] ?? '', / [1-9]\d+-2999999$/)
  })

test('an upload that the registry has forgotten begins anew', async (t) => {
  const uploads = new Uploads()
  Object.assign(uploads, { breakAt: 1_000_000, forgets: true })
  await uploadBlob(await opened(t, uploads), source(CONTENT.length), { policy: HASTY })
  assert.ok(uploads.blob?.equals(CONTENT))
  assert.deepEqual(uploads.log, ['POST', 'PATCH', 'GET', 'POST', 'PATCH', 'PUT'])
})

test('what fails to the end cancels its upload', async (t) => {
  const uploads = new Uploads()
  const failing = { ...source(CONTENT.length), open: () => failed() }
  await assert.rejects(uploadBlob(await opened(t, uploads), failing, { policy: HASTY }), (error) => error instanceof PullError)
  assert.equal(uploads.log.at(-1), 'DELETE')
})

// biome-ignore lint/correctness/useYield: nothing comes before it fails
async function* failed(): AsyncGenerator<Uint8Array> {
  throw new PullError('DIGEST_MISMATCH', 'reading a blob: it has rotted')
}

test('a mount that becomes an upload is cancelled, and is none', async (t) => {
  const uploads = new Uploads()
  const mounted = await mountBlob(await opened(t, uploads), { digest: DIGEST, size: 1 }, { from: 'y' })
  assert.equal(mounted, false)
  assert.deepEqual(uploads.log, ['POST', 'DELETE'])
})
