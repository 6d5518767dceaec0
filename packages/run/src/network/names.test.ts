import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namesBlock, withBlock } from './names.ts'
import type { Member, NetworkState } from './state.ts'

function member(number: number, ...networks: string[]): Member {
  const endpoints = networks.map((network) => ({
    network,
    networkId: network,
    address: `10.0.0.${number}/24`,
    ...(network === 'six' && { address6: `fd00::${number}/64` }),
    aliases: network === 'bridge' ? [] : [`alias${number}`],
  }))
  return { id: `${number}`.repeat(64), name: `box${number}`, hostname: `host${number}`, endpoints, ports: [] } as unknown as Member
}

const members = [member(1, 'six'), member(2, 'six'), member(3, 'bridge'), member(4, 'bridge')]
const state: NetworkState = { bridges: {}, last: {}, members: Object.fromEntries(members.map((one) => [one.id, one])) }
const lines = (number: number) =>
  namesBlock(state, members[number - 1] as Member)
    .split('\n')
    .slice(1, -2)

test('a container learns of itself, and of others on its network by all their names', () => {
  assert.deepEqual(lines(1), [
    '10.0.0.1\thost1',
    'fd00::1\thost1',
    '10.0.0.1\tbox1 111111111111 alias1',
    'fd00::1\tbox1 111111111111 alias1',
    '10.0.0.2\tbox2 222222222222 alias2',
    'fd00::2\tbox2 222222222222 alias2',
  ])
})

test('on the default network it learns of itself alone', () => {
  assert.deepEqual(lines(3), ['10.0.0.3\thost3'])
})

test('names take the place of names, and what else stands in the file stays', () => {
  const block = namesBlock(state, members[0] as Member)
  const other = namesBlock(state, members[2] as Member)
  assert.equal(withBlock('', block), block)
  assert.equal(withBlock('127.0.0.1\tlocalhost', block), `127.0.0.1\tlocalhost\n${block}`)
  assert.equal(withBlock(`first\n${block}last\n`, other), `first\n${other}last\n`)
})
