import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteAddress } from '../../route/addresses.ts'
import { changeLink } from '../../route/change-link.ts'
import { deleteLink } from '../../route/delete-link.ts'
import { ADDRESSES, type Gateway, makeGateway, TABLE } from '../../testing/gateway.ts'
import { ECHO_PORT, type TestNamespace } from '../../testing/namespaces.ts'
import { removeRules } from '../remove-rules.ts'
import { listRules } from '../rules.ts'
import { publishPort } from './publish-port.ts'

const PUBLISHED = 8080
const PROTOCOLS = ['tcp', 'udp'] as const

test('containers of a bridge talk to each other, and with the world by the address of the machine', async (t) => {
  const { first } = await makeGateway(t)
  assert.equal(first.ask('tcp', ADDRESSES.second), `second ${ADDRESSES.first}`)
  assert.equal(first.ask('tcp', ADDRESSES.second6), `second ${ADDRESSES.first6}`)
  for (const protocol of PROTOCOLS) {
    assert.equal(first.ask(protocol, ADDRESSES.world), `world ${ADDRESSES.machine}`)
    assert.equal(first.ask(protocol, ADDRESSES.world6), `world ${ADDRESSES.machine6}`)
  }
})

test('the machine reaches containers; other bridges and the world do not', async (t) => {
  const { machine, other, world } = await makeGateway(t)
  for (const address of [ADDRESSES.first, ADDRESSES.first6]) {
    assert.match(machine.ask('tcp', address) ?? '', /^first /)
    assert.ok(other.isSilent(address))
    assert.ok(world.isSilent(address))
  }
  // It is the rules that keep them out.
  machine.run('nft', 'flush', 'chain', TABLE.family, TABLE.name, 'forward')
  assert.match(other.ask('tcp', ADDRESSES.first) ?? '', /^first /)
  assert.match(world.ask('tcp', ADDRESSES.first6) ?? '', /^first /)
})

test('a published port is reached from everywhere, and no more once its rules are gone', async (t) => {
  const gateway = await makeGateway(t)
  publishFirst(gateway)
  const { world, machine, first, second, other } = gateway
  const seenFrom: [TestNamespace, string, string][] = [
    [world, ADDRESSES.world, ADDRESSES.world6],
    [machine, ADDRESSES.machine, ADDRESSES.machine6],
    [first, '10.88.0.1', 'fd88::1'],
    [second, '10.88.0.1', 'fd88::1'],
    [other, '10.88.0.1', 'fd88::1'],
  ]
  for (const protocol of PROTOCOLS) {
    for (const [from, seen, seen6] of seenFrom) {
      assert.equal(from.ask(protocol, ADDRESSES.machine, PUBLISHED), `first ${seen}`)
      assert.equal(from.ask(protocol, ADDRESSES.machine6, PUBLISHED), `first ${seen6}`)
    }
    assert.equal(machine.ask(protocol, '127.0.0.1', PUBLISHED), 'first 10.88.0.1')
  }
  removeRules(gateway.netfilter, TABLE, ({ comment }) => comment === 'first')
  assert.ok(listRules(gateway.netfilter, TABLE).every(({ chain }) => chain !== 'prerouting' && chain !== 'output'))
  assert.equal(world.ask('tcp', ADDRESSES.machine, PUBLISHED), undefined)
  assert.equal(machine.ask('tcp', '127.0.0.1', PUBLISHED), undefined)
})

test('a port published at one address is reached there alone', async (t) => {
  const gateway = await makeGateway(t)
  const { world, machine } = gateway
  const port = { protocol: 'tcp', hostPort: PUBLISHED, containerAddress: ADDRESSES.first, containerPort: ECHO_PORT } as const
  gateway.add(publishPort({ ...port, hostAddress: '127.0.0.1' }))
  assert.equal(machine.ask('tcp', '127.0.0.1', PUBLISHED), 'first 10.88.0.1')
  assert.equal(machine.ask('tcp', ADDRESSES.machine, PUBLISHED), undefined)
  assert.equal(world.ask('tcp', ADDRESSES.machine, PUBLISHED), undefined)
  gateway.add(publishPort({ ...port, hostPort: PUBLISHED + 1, hostAddress: ADDRESSES.machine }))
  assert.equal(world.ask('tcp', ADDRESSES.machine, PUBLISHED + 1), `first ${ADDRESSES.world}`)
  assert.equal(machine.ask('tcp', '127.0.0.1', PUBLISHED + 1), undefined)
})

test("the loopback of the machine stays its own, though a bridge's packets may be routed there", async (t) => {
  const { machine, first } = await makeGateway(t)
  routeLoopbackOut(first)
  assert.equal(machine.ask('tcp', '127.0.0.1'), 'machine 127.0.0.1')
  assert.ok(first.isSilent('127.0.0.1'))
  // It is the guard that keeps them out.
  machine.run('nft', 'flush', 'chain', TABLE.family, TABLE.name, 'guard')
  assert.equal(first.ask('tcp', '127.0.0.1'), `machine ${ADDRESSES.first}`)
})

test('a bridge that goes takes its ports along, and its rules wait for the next', async (t) => {
  const { route, second, other, netfilter } = await makeGateway(t)
  const before = listRules(netfilter, TABLE).length
  assert.ok(deleteLink(route, 'gk0'))
  assert.equal(listRules(netfilter, TABLE).length, before)
  assert.equal(second.ask('tcp', ADDRESSES.first), undefined)
  assert.equal(other.ask('tcp', ADDRESSES.world), `world ${ADDRESSES.machine}`)
  assert.equal(
    removeRules(netfilter, TABLE, ({ comment }) => comment === 'gk0'),
    before / 2,
  )
})

function publishFirst({ add }: Gateway): void {
  for (const protocol of PROTOCOLS)
    for (const containerAddress of [ADDRESSES.first, ADDRESSES.first6])
      add(publishPort({ protocol, hostPort: PUBLISHED, containerAddress, containerPort: ECHO_PORT, comment: 'first' }))
}

/** As a container with the right to change its network can. */
function routeLoopbackOut(container: TestNamespace): void {
  const inside = container.open('route')
  deleteAddress(inside, 'lo', '127.0.0.1/8')
  changeLink(inside, 'eth0', { routeLocalnet: true })
  container.run('ip', 'route', 'add', '127.0.0.0/8', 'via', '10.88.0.1', 'src', ADDRESSES.first)
}
