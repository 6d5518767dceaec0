import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { get } from 'node:https'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { makeAuthority } from '../certificate.ts'
import { startRegistry } from '../registry/registry.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { type ForwardProxy, startForwardProxy } from './forward-proxy.ts'

test('a whole URL is handed on', async () => {
  await using registry = await startRegistry()
  await using proxy = await startForwardProxy()
  const answer = await ask(proxy, `${registry.url}/v2/`)
  assert.deepEqual([answer.statusCode, await text(answer)], [200, '{}'])
  assert.deepEqual([proxy.requests[0]?.method, proxy.requests[0]?.target], ['GET', `${registry.url}/v2/`])
})

test('a tunnel leads to a registry with TLS, and ends with the proxy', async (t) => {
  const authority = makeAuthority(temporaryDirectory(t))
  await using registry = await startRegistry({ tls: authority.issue('registry') })
  const proxy = await startForwardProxy()
  const [, socket] = await openTunnel(proxy, registry.host)
  const createConnection = () => connect({ socket, ca: authority.certificate, host: 'localhost' })
  const [answer] = await once(get(`${registry.url}/v2/`, { createConnection }), 'response')
  assert.equal(answer.resume().statusCode, 200)
  const closed = once(socket, 'close')
  await proxy.stop()
  await closed
})

test('a password is asked for, for both', async () => {
  await using registry = await startRegistry()
  await using proxy = await startForwardProxy('me:secret')
  const headers = { 'proxy-authorization': `Basic ${btoa('me:secret')}` }
  assert.equal((await ask(proxy, `${registry.url}/v2/`)).resume().statusCode, 407)
  assert.equal((await ask(proxy, `${registry.url}/v2/`, headers)).resume().statusCode, 200)
  const [refused] = await openTunnel(proxy, registry.host)
  const [taken, socket] = await openTunnel(proxy, registry.host, headers)
  assert.deepEqual([refused.statusCode, taken.statusCode], [407, 200])
  socket.destroy()
})

async function ask(proxy: ForwardProxy, url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const sent = request(proxy.url, { path: url, headers: { host: new URL(url).host, ...headers }, agent: false }).end()
  const [answer] = await once(sent, 'response')
  return answer
}

async function openTunnel(proxy: ForwardProxy, target: string, headers: Record<string, string> = {}): Promise<[IncomingMessage, Duplex]> {
  const sent = request(proxy.url, { method: 'CONNECT', path: target, headers, agent: false }).end()
  const [answer, socket] = await once(sent, 'connect')
  return [answer, socket]
}
