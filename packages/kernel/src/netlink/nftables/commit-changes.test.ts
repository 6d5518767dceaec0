import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../testing/namespaces.ts'
import { addChain, deleteChain } from './chains.ts'
import { commitChanges } from './commit-changes.ts'
import { verdict } from './expressions/verdict.ts'
import { currentGeneration } from './generation.ts'
import type { TableFamily, TableName } from './message.ts'
import { addRule } from './rules.ts'
import { addTable, deleteTable, listTables } from './tables.ts'

const TABLE: TableName = { family: 'inet', name: 'gocker' }

interface Listed {
  readonly nftables: readonly { readonly chain?: Record<string, unknown>; readonly rule?: { readonly expr: readonly unknown[] } }[]
}

test('tables of each family come, are seen, and go', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('netfilter')
  const tables = (['inet', 'ip', 'ip6'] as const).map((family: TableFamily) => ({ family, name: `of_${family}` }))
  commitChanges(socket, tables.map(addTable))
  namespace.run('nft', 'add', 'table', 'arp', 'of_others')
  assert.equal(namespace.run('nft', 'list', 'tables'), 'table inet of_inet\ntable ip of_ip\ntable ip6 of_ip6\ntable arp of_others\n')
  assert.deepEqual(listTables(socket), tables)
  commitChanges(socket, tables.map(addTable))
  commitChanges(socket, tables.map(deleteTable))
  assert.deepEqual(listTables(socket), [])
})

test('chains are there as asked', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('netfilter')
  const input = { name: 'in', base: { type: 'filter', hook: 'input', priority: -10, policy: 'drop' } } as const
  const nat = { name: 'nat', base: { type: 'nat', hook: 'postrouting', priority: 100 } } as const
  const chains = [input, nat, { name: 'plain' }]
  const changes = [addTable(TABLE), ...chains.map((chain) => addChain(TABLE, chain))]
  commitChanges(socket, changes)
  commitChanges(socket, changes)
  const shown = (namespace.json('nft', '-j', 'list', 'chains') as Listed).nftables.flatMap(({ chain }) =>
    chain === undefined ? [] : [chain],
  )
  assert.deepEqual(
    shown.map(({ name, type, hook, prio, policy }) => [name, type, hook, prio, policy]),
    [
      ['in', 'filter', 'input', -10, 'drop'],
      ['nat', 'nat', 'postrouting', 100, 'accept'],
      ['plain', undefined, undefined, undefined, undefined],
    ],
  )
  commitChanges(socket, [deleteChain(TABLE, 'plain')])
  assert.throws(() => commitChanges(socket, [deleteChain(TABLE, 'plain')]), {
    code: 'ENOENT',
    message: /^netlink delchain inet gocker plain: ENOENT/,
  })
})

test('verdicts read as nft has them', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('netfilter')
  const verdicts = ['accept', 'drop', 'return', { jump: 'there' }, { goto: 'there' }] as const
  commitChanges(socket, [
    addTable(TABLE),
    addChain(TABLE, { name: 'here' }),
    addChain(TABLE, { name: 'there' }),
    ...verdicts.map((decision) => addRule(TABLE, { chain: 'here', expressions: [verdict(decision)] })),
  ])
  const { nftables } = namespace.json('nft', '-j', 'list', 'chain', 'inet', 'gocker', 'here') as Listed
  assert.deepEqual(
    nftables.flatMap(({ rule }) => rule?.expr ?? []),
    [{ accept: null }, { drop: null }, { return: null }, { jump: { target: 'there' } }, { goto: { target: 'there' } }],
  )
})

test('all changes are made, or none, and the one that was refused is named', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('netfilter')
  const toNowhere = addRule(TABLE, { chain: 'nowhere', expressions: [verdict('drop')] })
  for (const changes of [
    [addTable(TABLE), toNowhere],
    [addTable(TABLE), toNowhere, addChain(TABLE, { name: 'later' })],
  ])
    assert.throws(() => commitChanges(socket, changes), {
      message: /^netlink newrule inet gocker nowhere: ENOENT \(no such file or directory\)/,
    })
  assert.equal(namespace.run('nft', 'list', 'ruleset'), '')
  commitChanges(socket, [])
  commitChanges(socket, [addTable(TABLE)])
  assert.deepEqual(listTables(socket), [TABLE])
})

test('thousands of changes are made at once, or refused', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('netfilter')
  const rule = addRule(TABLE, { chain: 'here', expressions: [verdict('accept')], comment: 'x'.repeat(100) })
  commitChanges(socket, [addTable(TABLE), addChain(TABLE, { name: 'here' }), ...Array.from({ length: 2000 }, () => rule)])
  const { nftables } = namespace.json('nft', '-j', 'list', 'chain', 'inet', 'gocker', 'here') as Listed
  assert.equal(nftables.filter(({ rule: found }) => found !== undefined).length, 2000)
  const toNowhere = addRule(TABLE, { chain: 'nowhere', expressions: [verdict('drop')] })
  const wrong = Array.from({ length: 2000 }, () => toNowhere)
  assert.throws(() => commitChanges(socket, wrong), { code: 'ENOENT', message: /^netlink newrule inet gocker nowhere: / })
  assert.deepEqual(listTables(socket), [TABLE])
})

test('changes upon an old state are refused', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('netfilter')
  const generation = currentGeneration(socket)
  assert.equal(currentGeneration(socket), generation)
  namespace.run('nft', 'add', 'table', 'ip', 'of_others')
  assert.throws(() => commitChanges(socket, [addTable(TABLE)], { generation }), { code: 'ERESTART' })
  commitChanges(socket, [addTable(TABLE)], { generation: currentGeneration(socket) })
  assert.ok(namespace.run('nft', 'list', 'tables').includes('table inet gocker'))
})
