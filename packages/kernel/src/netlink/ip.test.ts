import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress, networkOf, parseAddress, parsePrefix } from './ip.ts'
import { formatMac, parseMac } from './mac.ts'

const ADDRESSES: readonly [text: string, hex: string, canonical: string][] = [
  ['0.0.0.0', '00000000', '0.0.0.0'],
  ['172.18.0.255', 'ac1200ff', '172.18.0.255'],
  ['::', '00000000000000000000000000000000', '::'],
  ['::1', '00000000000000000000000000000001', '::1'],
  ['fd00::', 'fd000000000000000000000000000000', 'fd00::'],
  ['FD00:0:0::12:3', 'fd000000000000000000000000120003', 'fd00::12:3'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  ['1:0:0:4:0:0:0:8', '00010000000000040000000000000008', '1:0:0:4::8'],
  ['::ffff:10.0.0.1', '00000000000000000000ffff0a000001', '::ffff:10.0.0.1'],
  ['64:ff9b::10.0.0.1', '0064ff9b00000000000000000a000001', '64:ff9b::a00:1'],
]

test('addresses are read, and written in their canonical form', () => {
  for (const [text, hex, canonical] of ADDRESSES) {
    const { bytes, family } = parseAddress(text)
    assert.equal(bytes.toString('hex'), hex, text)
    assert.equal(family, hex.length === 8 ? 'ipv4' : 'ipv6', text)
    assert.equal(formatAddress(bytes), canonical)
  }
  assert.equal(formatAddress(Buffer.alloc(6)), undefined)
})

test('what is no address is refused', () => {
  for (const text of ['', '1.2.3', '1.2.3.256', '01.2.3.4', ':::', '1::2::3', 'fe80::1%eth0', '10.0.0.1/8', 'localhost'])
    assert.throws(() => parseAddress(text), { code: 'EINVAL' }, text)
})

const NETWORKS: readonly [prefix: string, network: string, mask: string][] = [
  ['172.18.3.4/16', 'ac120000', 'ffff0000'],
  ['172.18.3.255/26', 'ac1203c0', 'ffffffc0'],
  ['172.18.3.4', 'ac120304', 'ffffffff'],
  ['172.18.3.4/0', '00000000', '00000000'],
  ['fdff:ffff:ffff::1/41', 'fdffffffff8000000000000000000000', 'ffffffffff8000000000000000000000'],
]

test('a prefix is a network and its mask', () => {
  for (const [text, network, mask] of NETWORKS) {
    const parts = networkOf(parsePrefix(text))
    assert.deepEqual([parts.network.toString('hex'), parts.mask.toString('hex')], [network, mask], text)
  }
})

test('what is no prefix is refused', () => {
  for (const text of ['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/1.5', 'fd00::/129', '/8'])
    assert.throws(() => parsePrefix(text), { code: 'EINVAL' }, text)
})

test('MAC addresses are read and written', () => {
  assert.equal(formatMac(parseMac('02:42:AC:12:00:02')), '02:42:ac:12:00:02')
  for (const text of ['', '02:42:ac:12:00', '02-42-ac-12-00-02', '02:42:ac:12:00:0g', '02:42:ac:12:00:02:03'])
    assert.throws(() => parseMac(text), { code: 'EINVAL' }, text)
})
