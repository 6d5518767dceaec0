import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { imageLayout } from '../image/layout.ts'
import { pushLayout } from '../image/push-layout.ts'
import { pullWithSkopeo, pushWithSkopeo } from '../image/skopeo.ts'
import { type Listening, listen } from '../listen.ts'
import { startRegistry } from '../registry/registry.ts'
import { buildTar } from '../tar/build-tar.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { startTokenServer } from '../tokens/token-server.ts'
import type { FaultEffect } from './fault.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

const CONTENT = createHash('sha512').update('content').digest('hex').repeat(2000)

/** A server that knows one document and ranges of it. */
const origin = createServer((request, response) => {
  const from = /bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]
  const body = CONTENT.slice(Number(from ?? 0))
  response.writeHead(from === undefined ? 200 : 206, { 'content-length': body.length, 'x-one': '1' }).end(body)
})
let target: Listening
before(async () => {
  target = await listen(origin)
})
after(() => target.close())

test('without a fault everything goes through, and is recorded', async () => {
  await using proxy = await startFaultProxy(target.url)
  const answer = await get(proxy, { range: 'bytes=10-' })
  assert.deepEqual([answer.status, answer.body], [206, CONTENT.slice(10)])
  assert.deepEqual(
    proxy.requests.map(({ server, method, path, status, headers, faults }) => [server, method, path, status, headers.range, faults]),
    [['registry', 'GET', '/v2/x/blobs/y?q=1', 206, 'bytes=10-', []]],
  )
})

test('a fault meets the requests that it names', async () => {
  await using proxy = await startFaultProxy(target.url, {
    faults: [
      { kind: 'status', status: 503, method: 'GET', path: /\/blobs\//, nth: [2, 3] },
      { kind: 'status', status: 500, path: /\/manifests\// },
      { kind: 'status', status: 500, method: 'PUT' },
    ],
  })
  const statuses = [await get(proxy), await get(proxy), await get(proxy), await get(proxy)].map(({ status }) => status)
  assert.deepEqual(statuses, [200, 503, 503, 200])
  proxy.inject({ kind: 'status', status: 418, nth: 1 })
  assert.deepEqual([(await get(proxy)).status, (await get(proxy)).status], [418, 200])
  proxy.inject({ kind: 'status', status: 418 })
  proxy.heal()
  assert.equal((await get(proxy)).status, 200)
})

test('429 says when to come again, in seconds or by a date', async () => {
  await using proxy = await startFaultProxy(target.url, {
    faults: [
      { kind: 'status', status: 429, retryAfter: { seconds: 7 }, nth: 1 },
      { kind: 'status', status: 429, retryAfter: { seconds: 3600, as: 'date' }, body: 'slowly', nth: 2 },
    ],
  })
  assert.equal((await get(proxy)).headers.get('retry-after'), '7')
  const second = await get(proxy)
  assert.ok(Date.parse(second.headers.get('retry-after') ?? '') > Date.now() + 3_500_000)
  assert.deepEqual([second.status, second.body], [429, 'slowly'])
})

test('a hang-up gives no answer', async () => {
  await using proxy = await withFault({ kind: 'hang-up' })
  await assert.rejects(get(proxy))
  assert.equal(proxy.requests[0]?.status, undefined)
})

for (const bytes of [0, 1, 70_000])
  test(`a cut gives so many bytes, then the end of the connection (${bytes})`, async () => {
    await using proxy = await withFault({ kind: 'cut', after: bytes })
    const answer = await receive(proxy)
    assert.deepEqual([answer.status, answer.length, answer.received, answer.isWhole], [200, CONTENT.length, bytes, false])
  })

test('a stall gives so many bytes, then nothing; stop ends it', async () => {
  const proxy = await withFault({ kind: 'stall', after: 5000 })
  const answer = await fetch(`${proxy.url}/`)
  const reader = answer.body?.getReader()
  let received = 0
  while (received < 5000) received += (await reader?.read())?.value?.length ?? 0
  const next = reader?.read().then(
    () => 'more',
    () => 'ended',
  )
  await proxy.stop()
  assert.deepEqual([received, await next], [5000, 'ended'])
})

test('a slow answer takes its time', async () => {
  await using proxy = await startFaultProxy(target.url, {
    faults: [
      { kind: 'truncate', to: 1000 },
      { kind: 'slow', bytesPerSecond: 5000 },
    ],
  })
  const start = performance.now()
  assert.equal((await get(proxy)).body, CONTENT.slice(0, 1000))
  // A lower bound only: a busy machine makes it later, nothing makes it earlier.
  assert.ok(performance.now() - start > 150)
})

test('one byte is wrong', async () => {
  await using proxy = await withFault({ kind: 'flip', at: 100_000 })
  const answer = await fetch(`${proxy.url}/`)
  const expected = Buffer.from(CONTENT)
  expected.writeUInt8(expected.readUInt8(100_000) ^ 0xff, 100_000)
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(expected))
})

test('a truncated answer looks whole', async () => {
  await using proxy = await withFault({ kind: 'truncate', to: 12 })
  const answer = await get(proxy)
  assert.deepEqual([answer.headers.get('content-length'), answer.body], ['12', CONTENT.slice(0, 12)])
})

test('an endless answer goes on until the client has enough', async () => {
  await using proxy = await withFault({ kind: 'endless' })
  const answer = await fetch(`${proxy.url}/`)
  assert.equal(answer.headers.get('content-length'), null)
  let received = 0
  for await (const chunk of answer.body ?? []) {
    received += chunk.length
    if (received > 10 * CONTENT.length) break
  }
  assert.ok(received > 10 * CONTENT.length)
})

test('a Content-Length that says too much ends in the air, and one that says too little before the end', async () => {
  await using more = await withFault({ kind: 'content-length', add: 9 })
  assert.deepEqual(await receive(more), { status: 200, length: CONTENT.length + 9, received: CONTENT.length, isWhole: false })
  await using fewer = await withFault({ kind: 'content-length', add: -9 })
  assert.equal((await receive(fewer)).length, CONTENT.length - 9)
})

test('a range is ignored', async () => {
  await using proxy = await withFault({ kind: 'ignore-range' })
  const answer = await get(proxy, { range: 'bytes=10-' })
  assert.deepEqual([answer.status, answer.body], [200, CONTENT])
})

test('headers are dropped, set and renamed', async () => {
  await using proxy = await withFault({ kind: 'headers', drop: ['Content-Length'], set: { 'X-Two': '2' }, rename: { 'x-one': 'X-Three' } })
  const { headers } = await get(proxy)
  assert.deepEqual(
    ['content-length', 'x-one', 'x-two', 'x-three'].map((name) => headers.get(name)),
    [null, null, '2', '1'],
  )
})

test('a redirect leads to another port, which will not have an Authorization header', async () => {
  await using proxy = await startFaultProxy(target.url, { faults: [{ kind: 'redirect' }], storageAddress: '127.0.0.2' })
  const answer = await fetch(`${proxy.url}/v2/x/blobs/y`, { redirect: 'manual' })
  const location = answer.headers.get('location') ?? ''
  assert.equal(new URL(location).host, new URL(proxy.storageUrl).host)
  assert.notEqual(new URL(location).hostname, new URL(proxy.url).hostname)
  assert.equal(await (await fetch(location)).text(), CONTENT)
  assert.equal((await fetch(location, { headers: { authorization: 'Basic eDp5' } })).status, 400)
  assert.deepEqual(
    proxy.requests.map(({ server, status, headers }) => [server, status, headers.authorization !== undefined]),
    [
      ['registry', 307, false],
      ['storage', 200, false],
      ['storage', 400, true],
    ],
  )
})

test('a target that is not there is a 502', async () => {
  await using proxy = await startFaultProxy('http://127.0.0.1:1')
  assert.equal((await get(proxy)).status, 502)
})

test('skopeo pushes and pulls through it, tokens and redirects included', async (t) => {
  await using tokens = await startTokenServer({ users: { alice: { password: 'p' } } })
  await using registry = await startRegistry({ auth: tokens.auth })
  await using proxy = await startFaultProxy(registry.url, { faults: [{ kind: 'redirect', method: 'GET', path: /\/blobs\// }] })
  const directory = temporaryDirectory(t)
  const layout = imageLayout(`${directory}/in`, { layers: [buildTar([{ name: 'f', content: 'x'.repeat(100_000) }])] })
  await pushWithSkopeo(layout, `${proxy.host}/x:t`, { creds: 'alice:p' })
  await pushLayout(layout, `${proxy.url}/y:t`, `Bearer ${tokens.issue('alice', 'repository:y:pull,push')}`)
  await pullWithSkopeo(`${proxy.host}/x:t`, `${directory}/out`, { creds: 'alice:p' })
  const stored = proxy.requests.filter(({ server }) => server === 'storage')
  assert.deepEqual(
    stored.map(({ status, headers }) => [status, headers.authorization]),
    stored.map(() => [200, undefined]),
  )
  assert.equal(stored.length, 2)
})

function withFault(fault: FaultEffect): Promise<FaultProxy> {
  return startFaultProxy(target.url, { faults: [fault] })
}

async function get(proxy: FaultProxy, headers: Record<string, string> = {}) {
  const answer = await fetch(`${proxy.url}/v2/x/blobs/y?q=1`, { headers })
  return { status: answer.status, headers: answer.headers, body: await answer.text() }
}

/** Reads as far as it goes. */
async function receive(proxy: FaultProxy) {
  const answer = await fetch(`${proxy.url}/`)
  let received = 0
  let isWhole = true
  try {
    for await (const chunk of answer.body ?? []) received += chunk.length
  } catch {
    isWhole = false
  }
  return { status: answer.status, length: Number(answer.headers.get('content-length')), received, isWhole }
}
