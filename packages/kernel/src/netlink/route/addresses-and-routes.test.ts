import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../testing/namespaces.ts'
import { addAddress, deleteAddress, listAddresses } from './addresses.ts'
import { changeLink } from './change-link.ts'
import { createVeth } from './create-veth.ts'
import { getLink } from './link.ts'
import { addRoute, deleteRoute, listRoutes } from './routes.ts'

interface ShownAddress {
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly tentative?: boolean }[]
}

async function wired(t: Parameters<typeof makeNamespace>[0]) {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('route')
  createVeth(socket, { name: 'port0', up: true, peer: { name: 'eth0' } })
  changeLink(socket, 'eth0', { up: true })
  return { namespace, socket }
}

test('addresses come, are seen, can be used at once, and go', async (t) => {
  const { namespace, socket } = await wired(t)
  const addresses = ['172.18.0.1/16', '10.0.0.7/32', 'fd00::1/64']
  for (const address of addresses) addAddress(socket, 'eth0', address)
  const [shown] = namespace.json('ip', '-j', 'address', 'show', 'dev', 'eth0') as [ShownAddress]
  for (const address of addresses) {
    const found = shown.addr_info.find(({ local, prefixlen }) => `${local}/${prefixlen}` === address)
    assert.ok(found !== undefined && found.tentative !== true, address)
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    const { index: link } = getLink(socket, 'eth0')
    assert.deepEqual(
      listAddresses(socket, 'eth0').filter((listed) => listed.address === address),
      [{ link, family, address }],
    )
    assert.equal(deleteAddress(socket, 'eth0', address), true)
    assert.equal(deleteAddress(socket, 'eth0', address), false)
  }
  assert.deepEqual(
    listAddresses(socket).filter(({ address }) => addresses.includes(address)),
    [],
  )
})

test('an address that cannot be says why', async (t) => {
  const { socket } = await wired(t)
  addAddress(socket, 'eth0', '172.18.0.1/16')
  assert.throws(() => addAddress(socket, 'eth0', '172.18.0.1/16'), {
    message: /^netlink newaddr 172\.18\.0\.1\/16 on eth0: EEXIST \(file exists\)/,
  })
  assert.throws(() => addAddress(socket, 'nowhere', '172.18.0.2/16'), { code: 'ENODEV' })
  assert.throws(() => addAddress(socket, 'eth0', '172.18.0/16'), { code: 'EINVAL' })
  assert.throws(() => listAddresses(socket, 'nowhere'), { code: 'ENODEV' })
})

test('routes come, are seen, and go', async (t) => {
  const { namespace, socket } = await wired(t)
  for (const address of ['172.18.0.1/16', 'fd00::1/64']) addAddress(socket, 'eth0', address)
  const routes = [
    { destination: '0.0.0.0/0', gateway: '172.18.0.9' },
    { destination: '::/0', gateway: 'fd00::9' },
    { destination: '10.1.0.0/16', link: 'port0', source: '172.18.0.1', metric: 7 },
    { destination: 'fd01::/48', link: 'port0', metric: 7 },
    { destination: '10.2.0.0/16', gateway: '172.18.0.8', link: 'eth0' },
  ]
  for (const route of routes) addRoute(socket, route)
  const shown = `${namespace.run('ip', 'route')}${namespace.run('ip', '-6', 'route')}`
  assert.match(shown, /^default via 172\.18\.0\.9 dev eth0 proto static *$/m)
  assert.match(shown, /^default via fd00::9 dev eth0 proto static /m)
  assert.match(shown, /^10\.1\.0\.0\/16 dev port0 proto static scope link src 172\.18\.0\.1 metric 7 *$/m)
  assert.match(shown, /^fd01::\/48 dev port0 proto static metric 7 /m)
  const listed = listRoutes(socket)
  for (const { destination, ...route } of routes) {
    const found = listed.find((each) => each.destination === destination)
    assert.equal(found?.gateway, route.gateway)
    assert.equal(found?.link, getLink(socket, route.link ?? 'eth0').index)
    if (route.metric !== undefined) assert.equal(found?.metric, route.metric)
    assert.equal(found?.source, route.source)
    assert.equal(deleteRoute(socket, { destination, ...route }), true)
    assert.equal(deleteRoute(socket, { destination, ...route }), false)
  }
  const left = new Set(listRoutes(socket).map(({ destination }) => destination))
  assert.deepEqual([...left].sort(), ['172.18.0.0/16', 'fd00::/64', 'fe80::/64'])
})

test('a route that cannot be says why, in the words of the kernel', async (t) => {
  const { socket } = await wired(t)
  addAddress(socket, 'eth0', '172.18.0.1/16')
  const route = { destination: '10.0.0.0/8', gateway: '172.18.0.9' }
  addRoute(socket, route)
  assert.throws(() => addRoute(socket, route), { code: 'EEXIST' })
  assert.throws(() => addRoute(socket, { destination: '11.0.0.0/8', gateway: '192.0.2.9' }), {
    message: 'netlink newroute 11.0.0.0/8: ENETUNREACH (network is unreachable): Nexthop has invalid gateway',
  })
  assert.throws(() => addRoute(socket, { destination: '11.0.0.1/8', link: 'eth0' }), { code: 'EINVAL' })
  assert.throws(() => addRoute(socket, { destination: '11.0.0.0/8', link: 'nowhere' }), { code: 'ENODEV' })
})
