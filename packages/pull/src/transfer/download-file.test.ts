import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { digestOf } from '@gocker/oci'
import { temporaryDirectory } from '@gocker/testkit'
import { answer, type Script, scriptedServer } from '../testing/scripted-server.ts'
import { downloadFile } from './download-file.ts'
import { PATIENT } from './retries.ts'

const CONTENT = Buffer.from('0123456789'.repeat(10_000))
const MODIFIED = 'Tue, 15 Nov 1994 12:45:26 GMT'
const policy = { ...PATIENT, attempts: 100, firstDelay: 1, longestDelay: 2 }

async function fetched(t: TestContext, script: Script, { path = '/a%20b', environment = {} } = {}) {
  const server = await scriptedServer(t, script)
  const directory = temporaryDirectory(t)
  const file = await downloadFile(`${server.url}${path}`, { directory, policy, environment })
  return { ...file, directory, seen: server.seen, content: readFileSync(join(directory, file.name)) }
}

/** Half of what it promises, and then nothing. What the client has not read by then it throws away, so it may take several goes. */
function cut(response: ServerResponse, headers: Record<string, string>): void {
  response.writeHead(200, { 'content-length': CONTENT.length, ...headers })
  response.write(CONTENT.subarray(0, CONTENT.length / 2), () => setTimeout(() => response.socket?.end(), 5))
}

test('a file has the name of its address, the time that the server says, and nobody else may read it', async (t) => {
  const script: Script = (_, response) => answer(response, 200, { headers: { 'last-modified': MODIFIED }, body: CONTENT })
  const { name, digest, directory, content } = await fetched(t, script)
  assert.deepEqual([name, digest], ['a b', digestOf(CONTENT)])
  assert.ok(content.equals(CONTENT))
  const { mode, mtimeMs } = statSync(join(directory, name))
  assert.deepEqual([mode & 0o777, mtimeMs], [0o600, Date.parse(MODIFIED)])
})

test('what is cut is gone on with, as long as the server has the same file', async (t) => {
  const { content, digest, seen } = await fetched(t, ({ headers }, response) => {
    if (headers.range === undefined) return cut(response, { etag: '"one"' })
    const from = Number(/\d+/.exec(headers.range)?.[0])
    answer(response, 206, {
      headers: { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` },
      body: CONTENT.subarray(from),
    })
  })
  assert.deepEqual([content.equals(CONTENT), digest], [true, digestOf(CONTENT)])
  assert.equal(seen.at(-1)?.headers['if-range'], '"one"')
})

test('what cannot be gone on with is begun anew', async (t) => {
  let count = 0
  const { content, digest, seen } = await fetched(t, (_, response) => {
    if (count++ === 0) cut(response, { etag: 'W/"weak"' })
    else answer(response, 200, { body: CONTENT })
  })
  assert.deepEqual([content.equals(CONTENT), digest], [true, digestOf(CONTENT)])
  assert.equal(seen[1]?.headers.range, undefined)
})

test('a server that is busy is asked again, and one that has nothing is not', async (t) => {
  let count = 0
  const { content } = await fetched(t, (_, response) => answer(response, count++ === 0 ? 503 : 200, { body: 'late' }))
  assert.equal(content.toString(), 'late')
  const nothing = await scriptedServer(t, (_, response) => answer(response, 404))
  const directory = temporaryDirectory(t)
  const address = nothing.url.replace('//', '//user:secret@')
  await assert.rejects(downloadFile(`${address}/none`, { directory, policy }), {
    code: 'NOT_FOUND',
    message: `fetching ${nothing.url}/none: not found`,
  })
  assert.deepEqual([nothing.seen.length, readdirSync(directory)], [1, []])
})

test('the name and password of an address go to its own host alone', async (t) => {
  const other = await scriptedServer(t, (_, response) => answer(response, 200, { body: 'there' }))
  const first = await scriptedServer(t, (_, response) => answer(response, 302, { headers: { location: `${other.url}/x` } }))
  const address = `${first.url.replace('//', '//me:p%40ss@')}/x`
  await downloadFile(address, { directory: temporaryDirectory(t), policy })
  assert.equal(first.seen[0]?.headers.authorization, `Basic ${btoa('me:p@ss')}`)
  assert.equal(other.seen[0]?.headers.authorization, undefined)
})

test('it comes through the proxy of the environment', async (t) => {
  const proxy = await scriptedServer(t, (_, response) => answer(response, 200, { body: 'by proxy' }))
  const directory = temporaryDirectory(t)
  const { name } = await downloadFile('http://files.example/dir/file', { directory, policy, environment: { http_proxy: proxy.url } })
  assert.equal(readFileSync(join(directory, name), 'utf8'), 'by proxy')
  assert.deepEqual(
    proxy.seen.map(({ url }) => url),
    ['http://files.example/dir/file'],
  )
})
