import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { digestOf, parseReference } from '@gocker/oci'
import type { PullEvent } from '../events.ts'
import { registryFor } from '../registry/registry.ts'
import { HASTY } from '../testing/image.ts'
import { type ScriptedServer, type SeenRequest, scriptedServer } from '../testing/scripted-server.ts'
import { downloadBlob } from './download.ts'

const CONTENT = randomBytes(200_000)
const SIZE = CONTENT.length
const DIGEST = digestOf(CONTENT)

interface Run {
  readonly server: ScriptedServer
  readonly events: PullEvent[]
  /** What arrives; rejects as the download does. */
  readonly bytes: Promise<Buffer>
}

async function download(
  t: TestContext,
  script: (request: SeenRequest, response: ServerResponse, count: number) => void,
  offset = 0,
): Promise<Run> {
  const server = await scriptedServer(t, (request, response) => script(request, response, server.seen.length))
  const registry = registryFor(parseReference(`${server.host}/x`), {
    environment: { HOME: '/nonexistent' },
    retry: { ...HASTY, longestStall: 300 },
  })
  t.after(() => registry.close())
  const events: PullEvent[] = []
  const options = { offset, policy: HASTY, onEvent: (event: PullEvent) => events.push(event) }
  const bytes = collect(downloadBlob(registry, { digest: DIGEST, size: SIZE }, options))
  bytes.catch(() => {})
  return { server, events, bytes }
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

/** A whole answer, chunked, of less than there should be. */
function endEarly(response: ServerResponse): void {
  response.writeHead(200, { 'transfer-encoding': 'chunked' })
  response.end(CONTENT.subarray(0, 1000))
}

function startOf({ headers }: SeenRequest): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
}

/** Serves as a good server does, but for what it hangs up after. */
function serve(request: SeenRequest, response: ServerResponse, { cutAfter = SIZE }: { cutAfter?: number } = {}): void {
  const start = startOf(request)
  const range = { 'content-range': `bytes ${start}-${SIZE - 1}/${SIZE}` }
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': SIZE - start, ...(start > 0 && range) })
  response.write(CONTENT.subarray(start, start + cutAfter), () => (cutAfter < SIZE - start ? response.socket?.destroy() : response.end()))
}

test('a whole blob, not compressed on the way', async (t) => {
  const { server, bytes, events } = await download(t, (request, response) => serve(request, response))
  assert.ok((await bytes).equals(CONTENT))
  assert.deepEqual(events, [])
  assert.equal(server.seen[0]?.headers['accept-encoding'], 'identity')
})

test('it begins at the byte it is told to', async (t) => {
  const { server, bytes } = await download(t, (request, response) => serve(request, response), 123_456)
  assert.ok((await bytes).equals(CONTENT.subarray(123_456)))
  assert.equal(server.seen[0]?.headers.range, 'bytes=123456-')
})

test('cut connections, more of them than tries, each after some bytes', async (t) => {
  const { server, bytes, events } = await download(t, (request, response) => serve(request, response, { cutAfter: 15_000 }))
  assert.ok((await bytes).equals(CONTENT))
  assert.ok(server.seen.length > HASTY.attempts)
  const starts = server.seen.map(startOf)
  assert.deepEqual(
    starts,
    starts.toSorted((a, b) => a - b),
  )
  assert.ok(events.every((event) => event.type === 'retry' && event.digest === DIGEST && event.attempt === 1))
})

test('a server that knows no ranges: the bytes that are here are passed over', async (t) => {
  const { bytes } = await download(t, (_, response, count) => {
    response.writeHead(200, { 'content-length': SIZE })
    response.write(CONTENT.subarray(0, count === 1 ? 70_001 : SIZE), () => (count === 1 ? response.socket?.destroy() : response.end()))
  })
  assert.ok((await bytes).equals(CONTENT))
})

for (const [title, status, headers] of [
  ['another place', 206, { 'content-range': `bytes 0-${SIZE - 1}/${SIZE}` }],
  ['no place', 206, {}],
  ['another size', 206, { 'content-range': `bytes 1000-${SIZE - 1}/${SIZE + 1}` }],
  ['a range it cannot satisfy', 416, { 'content-range': `bytes */${SIZE}` }],
] as const)
  test(`a partial answer that names ${title} is not believed: the whole is asked for`, async (t) => {
    const script = (request: SeenRequest, response: ServerResponse) => {
      if (request.headers.range === undefined) return serve(request, response)
      response.writeHead(status, headers)
      response.end('nonsense')
    }
    const { server, bytes } = await download(t, script, 1000)
    assert.ok((await bytes).equals(CONTENT.subarray(1000)))
    assert.deepEqual(
      server.seen.map(({ headers }) => headers.range),
      ['bytes=1000-', undefined],
    )
  })

test("a length that is not the descriptor's is refused before a byte is read", async (t) => {
  for (const length of [SIZE + 1, SIZE - 1]) {
    const { server, bytes } = await download(t, (_, response) => {
      response.writeHead(200, { 'content-length': length })
      response.flushHeaders()
    })
    await assert.rejects(bytes, {
      code: 'SIZE_MISMATCH',
      message: new RegExp(`${DIGEST}: expected ${SIZE} bytes, the server offers ${length}`),
    })
    assert.equal(server.seen.length, 1)
  }
})

test('a body without end is left at the first byte too many', async (t) => {
  const { bytes } = await download(t, (_, response) => {
    const more = () => {
      while (response.write(CONTENT));
    }
    response.on('drain', more).on('error', () => {})
    more()
  })
  await assert.rejects(bytes, { code: 'SIZE_MISMATCH', message: /the server sends more/ })
})

test('a body that ends too early, time and again', async (t) => {
  const { server, bytes } = await download(t, (_, response) => endEarly(response))
  await assert.rejects(bytes, { code: 'SIZE_MISMATCH', message: new RegExp(`expected ${SIZE} bytes, got 1000`) })
  assert.equal(server.seen.length, 1 + HASTY.attempts - 1)
})

test('a body that ends too early once, and not the next time', async (t) => {
  const { bytes } = await download(t, (request, response, count) => (count === 1 ? endEarly(response) : serve(request, response)))
  assert.ok((await bytes).equals(CONTENT))
})

test('a connection on which nothing comes any more is given up for another', async (t) => {
  const { server, bytes, events } = await download(t, (request, response, count) => {
    if (count > 1) return serve(request, response)
    response.writeHead(200, { 'content-length': SIZE })
    response.write(CONTENT.subarray(0, 1000))
  })
  assert.ok((await bytes).equals(CONTENT))
  assert.deepEqual(
    server.seen.map(({ headers }) => headers.range),
    [undefined, 'bytes=1000-'],
  )
  assert.match(events.map((event) => (event.type === 'retry' ? event.why : '')).join(), /no bytes within the time limit/)
})

test('refusals in the middle: what may pass is waited for, what may not is not', async (t) => {
  const passing = await download(t, (request, response, count) => {
    if (count % 2 === 1) return void response.writeHead([503, 429, 502, 500][count % 4] ?? 504).end()
    serve(request, response, { cutAfter: 90_000 })
  })
  assert.ok((await passing.bytes).equals(CONTENT))
  const gone = await download(t, (request, response, count) =>
    count === 1 ? serve(request, response, { cutAfter: 10_000 }) : void response.writeHead(404).end(),
  )
  await assert.rejects(gone.bytes, { code: 'NOT_FOUND' })
  assert.equal(gone.server.seen.length, 2)
})

test('it stops when it is told to, while it waits and while it reads', async (t) => {
  for (const state of ['waiting', 'reading']) {
    const stop = new AbortController()
    const server = await scriptedServer(t, (_, response) => {
      if (state === 'waiting') return void response.writeHead(503, { 'retry-after': '2' }).end()
      response.writeHead(200, { 'content-length': SIZE })
      response.write(CONTENT.subarray(0, 10))
    })
    const registry = registryFor(parseReference(`${server.host}/x`), { environment: { HOME: '/nonexistent' } })
    t.after(() => registry.close())
    const bytes = downloadBlob(
      registry,
      { digest: DIGEST, size: SIZE },
      { policy: HASTY, signal: stop.signal, onEvent: () => stop.abort() },
    )
    const reading = (async () => {
      for await (const _ of bytes) stop.abort()
    })()
    await assert.rejects(reading, { name: 'AbortError' })
  }
})
