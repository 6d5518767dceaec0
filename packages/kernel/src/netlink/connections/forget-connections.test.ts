import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishPort } from '../nftables/rules/publish-port.ts'
import { ADDRESSES, makeGateway } from '../testing/gateway.ts'
import { ECHO_PORT } from '../testing/namespaces.ts'
import { forgetConnections } from './forget-connections.ts'

test('connections from and to an address are forgotten, and no others', async (t) => {
  const { machine, world, first, second, netfilter, add } = await makeGateway(t)
  const port = { protocol: 'udp', hostPort: 8080, containerPort: ECHO_PORT } as const
  for (const containerAddress of [ADDRESSES.first, ADDRESSES.first6]) add(publishPort({ ...port, containerAddress }))
  for (const address of [ADDRESSES.machine, ADDRESSES.machine6]) assert.match(world.ask('udp', address, port.hostPort) ?? '', /^first /)
  first.ask('tcp', ADDRESSES.world)
  second.ask('udp', ADDRESSES.world)
  // IPv6 addresses are written out there.
  const remembered = (words: string): number => machine.run('cat', '/proc/net/nf_conntrack').split(words).length - 1
  assert.equal(remembered(`src=${ADDRESSES.first} `), 2)
  assert.equal(forgetConnections(netfilter, ADDRESSES.first), 2)
  assert.equal(remembered(`src=${ADDRESSES.first} `), 0)
  assert.equal(remembered(`src=${ADDRESSES.second} `), 1)
  const first6 = 'src=fd88:0000:0000:0000:0000:0000:0000:0002 '
  assert.equal(remembered(first6), 1)
  assert.equal(forgetConnections(netfilter, ADDRESSES.first6), 1)
  assert.equal(remembered(first6), 0)
  assert.equal(forgetConnections(netfilter, ADDRESSES.first), 0)
  assert.equal(remembered(`src=${ADDRESSES.second} `), 1)
})
