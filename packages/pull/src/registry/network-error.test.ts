import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { makeAuthority, temporaryDirectory } from '@gocker/testkit'
import { openHttp } from './http.ts'
import { networkError } from './network-error.ts'

async function failure(url: string): Promise<ReturnType<typeof networkError>> {
  const http = openHttp({ environment: {} })
  try {
    await http.request(new URL(url), {})
  } catch (cause) {
    return networkError('asking', cause, { contacted: false })
  } finally {
    await http.close()
  }
  return assert.fail('it was answered')
}

test('nobody listens: said at once, and worth another try only where somebody did before', async () => {
  const error = await failure('http://127.0.0.1:1/')
  assert.equal(error.code, 'UNREACHABLE')
  assert.equal(error.message, 'asking: connection refused')
  assert.equal(error.transient, false)
  assert.equal(networkError('asking', error.cause, { contacted: true }).transient, true)
})

test('a server without TLS is told from one that is not trusted', async (t) => {
  const authority = makeAuthority(temporaryDirectory(t))
  const { certificateFile, keyFile } = authority.issue('server')
  const server = createServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, (_, response) => response.end())
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const http = openHttp({ environment: {} })
  const trusting = openHttp({ environment: {}, insecure: true })
  t.after(() => Promise.all([http.close(), trusting.close()]))
  // Loopback is trusted as it is, so the refusal is tried by way of an address that Linux takes for it and gocker does not.
  assert.equal((await http.request(new URL(`https://127.0.0.1:${port}/`), {})).status, 200)
  await assert.rejects(http.request(new URL(`https://0.0.0.0:${port}/`), {}), (cause) => {
    const error = networkError('asking', cause, { contacted: true })
    assert.match(error.message, /certificate of the server is not trusted/)
    return !error.transient
  })
  assert.equal((await trusting.request(new URL(`https://0.0.0.0:${port}/`), {})).status, 200)
})

test('a mistake in the program is told as what it is, and what a library wraps as the network has it', () => {
  for (const mistake of [new TypeError('x is not a function'), new ReferenceError('x is not defined'), new RangeError('too long')])
    assert.throws(
      () => networkError('asking', mistake, { contacted: true }),
      (error) => error === mistake,
    )
  const wrapped = new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })
  assert.equal(networkError('asking', wrapped, { contacted: true }).message, 'asking: connection reset by the server')
})
