import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exposedPorts, portBindings, portsText } from './ports.ts'

const port = (hostAddress: string, hostPort: number, containerPort: number, protocol: 'tcp' | 'udp' = 'tcp') => ({
  protocol,
  hostAddress,
  hostPort,
  containerPort,
})

test('ports are told as docker tells them', () => {
  const ports = [port('0.0.0.0', 8080, 80), port('::', 8080, 80), port('127.0.0.1', 5353, 53, 'udp')]
  const text = portsText(portBindings({ endpoints: [], ports }, ['443/tcp', '80/tcp']))
  assert.equal(text, '0.0.0.0:8080->80/tcp, 127.0.0.1:5353->53/udp, [::]:8080->80/tcp, 443/tcp')
})

test('neighbours become one', () => {
  const ports = [8000, 8001, 8002, 9000].map((number) => port('0.0.0.0', number, number - 1000))
  assert.equal(
    portsText(portBindings({ endpoints: [], ports }, ['1/tcp', '2/tcp', '4/tcp', '5/udp'])),
    '0.0.0.0:8000-8002->7000-7002/tcp, 0.0.0.0:9000->8000/tcp, 1-2/tcp, 4/tcp, 5/udp',
  )
})

test('what a container listens on is what its image, its flags and its published ports say', () => {
  const publish = [{ protocol: 'tcp', container: { first: 80, last: 80 } }] as const
  const expose = [{ first: 7000, last: 7001, protocol: 'udp' }] as const
  assert.deepEqual(exposedPorts({ ExposedPorts: { '443': {}, '80/tcp': {} } }, { publish, expose }), [
    '80/tcp',
    '443/tcp',
    '7000/udp',
    '7001/udp',
  ])
})
