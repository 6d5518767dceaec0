import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { makeAuthority, temporaryDirectory } from '@gocker/testkit'
import { openHttp } from './http.ts'
import { networkError } from './network-error.ts'
import { proxyFor } from './proxy.ts'
import { readBody } from './read-body.ts'

const PROXY = { HTTPS_PROXY: 'http://proxy:3128', http_proxy: 'plain:8080' }

test('a proxy is chosen by the protocol, lower case before upper case', () => {
  assert.equal(proxyFor(new URL('https://ghcr.io/v2/'), PROXY)?.href, 'http://proxy:3128/')
  assert.equal(proxyFor(new URL('http://ghcr.io/v2/'), PROXY)?.href, 'http://plain:8080/')
  assert.equal(proxyFor(new URL('https://ghcr.io/'), { ...PROXY, https_proxy: 'http://lower' })?.host, 'lower')
  assert.equal(proxyFor(new URL('https://ghcr.io/'), { https_proxy: '', HTTP_PROXY: 'http://x' }), undefined)
})

test('nothing of this machine goes through a proxy', () => {
  for (const host of ['localhost:5000', '127.0.0.1', '127.8.9.1:1', '[::1]:5000'])
    assert.equal(proxyFor(new URL(`https://${host}/`), PROXY), undefined)
})

const EXEMPT: [noProxy: string, host: string, isExempt: boolean][] = [
  ['*', 'ghcr.io', true],
  ['ghcr.io', 'ghcr.io', true],
  ['ghcr.io', 'pkg.ghcr.io', true],
  ['ghcr.io', 'notghcr.io', false],
  ['.ghcr.io', 'a.ghcr.io', true],
  ['*.ghcr.io', 'a.ghcr.io', true],
  ['GHCR.io', 'ghcr.io', true],
  ['a, b ,ghcr.io', 'ghcr.io', true],
  ['ghcr.io:443', 'ghcr.io', true],
  ['ghcr.io:5000', 'ghcr.io', false],
  ['ghcr.io:5000', 'ghcr.io:5000', true],
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '11.1.2.3', false],
  ['10.0.0.0/99', '10.1.2.3', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['fd00::/8', '[fd12::1]', true],
  ['fd12::1', '[fd12::1]', true],
  ['[fd12::1]:5000', '[fd12::1]:5000', true],
]

for (const [NO_PROXY, host, isExempt] of EXEMPT)
  test(`NO_PROXY=${NO_PROXY} ${isExempt ? 'exempts' : 'does not exempt'} ${host}`, () => {
    assert.equal(proxyFor(new URL(`https://${host}/`), { ...PROXY, NO_PROXY }) === undefined, isExempt)
  })

test('what is no URL is refused without being repeated', () => {
  assert.throws(
    () => proxyFor(new URL('https://ghcr.io/'), { HTTPS_PROXY: 'http://user:secret@[oops' }),
    (error: Error) => {
      assert.match(error.message, /HTTPS_PROXY/)
      return !error.message.includes('secret')
    },
  )
})

test('a request goes through the proxy, which is told its own user', async (t) => {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`)
    response.end('by proxy')
  })
  proxy.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
  })
  proxy.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = `http://me:pw@127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const http = openHttp({ environment: { HTTP_PROXY: address, HTTPS_PROXY: address } })
  t.after(async () => {
    await http.close()
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const response = await http.request(new URL('http://registry.example/v2/'), {})
  assert.equal((await readBody(response, 100)).toString(), 'by proxy')
  await assert.rejects(http.request(new URL('https://registry.example/v2/'), {}), (cause) => {
    const error = networkError('asking', cause, { contacted: true })
    assert.deepEqual([error.message, error.transient], ['asking: the proxy answered 407', false])
    return true
  })
  assert.deepEqual(asked, [`GET http://registry.example/v2/ Basic ${btoa('me:pw')}`, 'CONNECT registry.example:443'])
})

test('through a proxy, too, TLS is with the registry itself and its certificate is looked at', async (t) => {
  const { certificateFile, keyFile } = makeAuthority(temporaryDirectory(t)).issue('registry')
  const names: unknown[] = []
  const sockets = new Set<Socket>()
  const registry = createTlsServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, ({ socket }, response) => {
    names.push((socket as TLSSocket).servername)
    response.end('by tunnel')
  })
  const proxy = createServer()
  proxy.on('connect', (_, socket: Socket) => {
    const tunnel = connect((registry.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(tunnel).pipe(socket)
    })
    for (const end of [socket, tunnel]) sockets.add(end.on('error', () => {}))
  })
  for (const server of [registry, proxy]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const environment = { HTTPS_PROXY: `127.0.0.1:${(proxy.address() as AddressInfo).port}` }
  const strict = openHttp({ environment })
  const insecure = openHttp({ environment, insecure: true })
  t.after(async () => {
    await Promise.all([strict.close(), insecure.close()])
    for (const socket of sockets) socket.destroy()
    for (const server of [registry, proxy]) server.close()
  })
  const url = new URL('https://registry.example/v2/')
  await assert.rejects(strict.request(url, {}), (cause) =>
    /certificate of the server is not trusted/.test(networkError('', cause, { contacted: true }).message),
  )
  assert.equal((await readBody(await insecure.request(url, {}), 100)).toString(), 'by tunnel')
  assert.deepEqual(names, ['registry.example'])
})
