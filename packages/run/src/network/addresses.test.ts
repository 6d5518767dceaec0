import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takeAddress } from './addresses.ts'
import { macOf } from './mac.ts'
import { firstAddress, freeSubnet, randomLocalSubnet } from './pools.ts'
import type { Endpoint, Member, NetworkState } from './state.ts'
import { canonicalPrefix, contains, overlaps, rangeOf } from './subnets.ts'

const SUBNET = { subnet: '10.1.2.0/29', gateway: '10.1.2.1', chosen: false }
const SIX = { subnet: 'fd00:1::/64', gateway: 'fd00:1::1', chosen: false }

function stateWith(...addresses: string[]): NetworkState {
  const members = addresses.map((address, number) => {
    const endpoint = { address: `${address}/29`, address6: `fd00:1::${number + 2}/64` } as Endpoint
    return [`${number}`, { name: `box${number}`, endpoints: [endpoint] } as unknown as Member] as const
  })
  return { bridges: {}, members: Object.fromEntries(members), last: {} }
}

test('addresses are given one after the other, and rest before they are given again', () => {
  const state = stateWith()
  const taken = Array.from({ length: 7 }, () => takeAddress(state, SUBNET, undefined))
  // Neither the subnet's first and last nor the gateway's.
  assert.deepEqual(taken, ['10.1.2.2', '10.1.2.3', '10.1.2.4', '10.1.2.5', '10.1.2.6', '10.1.2.2', '10.1.2.3'])
})

test('nobody gets an address that somebody has', () => {
  const state = stateWith('10.1.2.2', '10.1.2.4')
  assert.equal(takeAddress(state, SUBNET, undefined), '10.1.2.3')
  assert.equal(takeAddress(state, SUBNET, undefined), '10.1.2.5')
  assert.equal(takeAddress(state, SIX, undefined), 'fd00:1::4')
  assert.throws(() => takeAddress(state, SUBNET, '10.1.2.4'), { code: 'ADDRESS_TAKEN', message: /container box1 has it/ })
  const full = stateWith('10.1.2.2', '10.1.2.3', '10.1.2.4', '10.1.2.5', '10.1.2.6')
  assert.throws(() => takeAddress(full, SUBNET, undefined), { code: 'NETWORK_FAILED', message: /all of them are taken/ })
})

test('a range bounds what is given, and not what may be asked for', () => {
  const ranged = { ...SUBNET, range: '10.1.2.4/31' }
  const state = stateWith()
  assert.deepEqual([takeAddress(state, ranged, undefined), takeAddress(state, ranged, undefined)], ['10.1.2.4', '10.1.2.5'])
  assert.equal(takeAddress(state, ranged, '10.1.2.2'), '10.1.2.2')
})

for (const [address, why] of [
  ['10.1.3.2', /not in the network's subnet/],
  ['10.1.2.0', /the subnet's own/],
  ['10.1.2.7', /the subnet's own/],
  ['10.1.2.1', /the gateway's/],
  ['fd00:1::2', /not in the network's subnet/],
] as const)
  test(`${address} cannot be had`, () => {
    assert.throws(() => takeAddress(stateWith(), SUBNET, address), { code: 'INVALID_OPTION', message: why })
  })

test('subnets come from the pools, past whatever overlaps', () => {
  assert.equal(freeSubnet([]), '172.20.0.0/20')
  assert.equal(freeSubnet(['172.20.0.0/15', '172.22.1.1/32', 'fd00::/8'].map(rangeOf)), '172.22.16.0/20')
  assert.equal(freeSubnet(['172.16.0.0/12'].map(rangeOf)), '192.168.128.0/24')
  assert.throws(() => freeSubnet(['172.16.0.0/12', '192.168.0.0/16'].map(rangeOf)), { code: 'NETWORK_FAILED' })
  assert.ok(overlaps(rangeOf('10.0.0.0/8'), rangeOf('10.1.2.3/32')))
  assert.ok(!overlaps(rangeOf('10.1.2.0/25'), rangeOf('10.1.2.128/25')))
})

test('a local subnet of IPv6 is drawn anew each time', () => {
  const drawn = Array.from({ length: 100 }, () => canonicalPrefix(randomLocalSubnet()))
  assert.equal(new Set(drawn).size, 100)
  for (const subnet of drawn) assert.ok(contains('fd00::/8', firstAddress(subnet)), subnet)
})

test('a gateway has the first address, where there is room for another', () => {
  assert.equal(firstAddress('10.1.2.128/25'), '10.1.2.129')
  assert.throws(() => firstAddress('10.1.2.0/31'), { code: 'INVALID_OPTION' })
  assert.equal(macOf('10.1.2.129'), '02:42:0a:01:02:81')
})
