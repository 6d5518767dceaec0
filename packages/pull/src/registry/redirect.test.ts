import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { makeAuthority, temporaryDirectory } from '@gocker/testkit'
import { openHttp } from './http.ts'
import { requestFollowing } from './redirect.ts'

test('a redirect does not lead out of TLS', async (t) => {
  const { certificateFile, keyFile } = makeAuthority(temporaryDirectory(t)).issue('registry')
  const server = createServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, (_, response) => {
    response.writeHead(302, { location: 'http://elsewhere.example/blob?signature=secret' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const http = openHttp({ environment: {} })
  t.after(async () => {
    await http.close()
    server.close()
  })
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await assert.rejects(requestFollowing(http, url, {}, 'fetching'), (error: Error) => {
    assert.match(error.message, /^fetching: 127\.0\.0\.1:\d+ redirects from https to http at elsewhere\.example$/)
    return true
  })
})
