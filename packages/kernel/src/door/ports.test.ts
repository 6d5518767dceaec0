import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { holdPort } from './ports.ts'

for (const protocol of ['tcp', 'udp'] as const)
  for (const [address, other] of [
    ['127.0.0.1', '0.0.0.0'],
    ['0.0.0.0', '127.0.0.2'],
    ['::1', '::'],
  ] as const)
    test(`a held ${protocol} port of ${address} is nobody else's`, () => {
      const { descriptor, port } = holdPort({ protocol, address, port: 0 })
      try {
        assert.ok(port > 0)
        for (const wanted of [address, other]) assert.throws(() => holdPort({ protocol, address: wanted, port }), { code: 'EADDRINUSE' })
      } finally {
        closeSync(descriptor)
      }
      closeSync(holdPort({ protocol, address: other, port }).descriptor)
    })

test('nobody listens at a held port, and nobody can', async () => {
  const { descriptor, port } = holdPort({ protocol: 'tcp', address: '127.0.0.1', port: 0 })
  try {
    const [refused] = (await once(connect(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
    assert.equal(refused.code, 'ECONNREFUSED')
    const [busy] = (await once(createServer().listen(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
    assert.equal(busy.code, 'EADDRINUSE')
  } finally {
    closeSync(descriptor)
  }
})

test('a port whose last connection is not forgotten yet can be held', async () => {
  const server = createServer((socket) => socket.end())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const client = connect(port, '127.0.0.1').resume()
  await once(client, 'close')
  await new Promise((resolve) => server.close(resolve))
  closeSync(holdPort({ protocol: 'tcp', address: '127.0.0.1', port }).descriptor)
})

test('both versions of IP have the port to themselves', () => {
  const first = holdPort({ protocol: 'tcp', address: '0.0.0.0', port: 0 })
  const second = holdPort({ protocol: 'tcp', address: '::', port: first.port })
  closeSync(first.descriptor)
  closeSync(second.descriptor)
})

test('a port of another machine is refused', () => {
  assert.throws(() => holdPort({ protocol: 'tcp', address: '203.0.113.9', port: 0 }), { code: 'EADDRNOTAVAIL' })
})
