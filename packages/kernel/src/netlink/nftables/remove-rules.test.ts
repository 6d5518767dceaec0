import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { makeNamespace } from '../testing/namespaces.ts'
import { addChain } from './chains.ts'
import { decodeComment, encodeComment } from './comment.ts'
import { commitChanges } from './commit-changes.ts'
import { verdict } from './expressions/verdict.ts'
import type { TableName } from './message.ts'
import { removeRules } from './remove-rules.ts'
import { addRule, deleteRule, listRules } from './rules.ts'
import { addTable } from './tables.ts'

const TABLE: TableName = { family: 'inet', name: 'gocker' }
const CHAIN = [addTable(TABLE), addChain(TABLE, { name: 'here' })]
const accept = (comment?: string) => addRule(TABLE, { chain: 'here', expressions: [verdict('accept')], comment })

test('rules are found by their comments, and deleted by their handles', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('netfilter')
  assert.deepEqual(listRules(socket, TABLE), [])
  commitChanges(socket, [...CHAIN, accept('a'), accept(), accept('b'), accept('a')])
  namespace.run('nft', 'add', 'rule', 'inet', 'gocker', 'here', 'drop', 'comment', '"of nft"')
  namespace.run('nft', 'add', 'table', 'ip', 'gocker')
  namespace.run('nft', 'add', 'chain', 'ip', 'gocker', 'there')
  namespace.run('nft', 'add', 'rule', 'ip', 'gocker', 'there', 'drop')
  const rules = listRules(socket, TABLE)
  assert.deepEqual(
    rules.map(({ chain, comment }) => [chain, comment]),
    [
      ['here', 'a'],
      ['here', undefined],
      ['here', 'b'],
      ['here', 'a'],
      ['here', 'of nft'],
    ],
  )
  const plain = rules.find(({ comment }) => comment === undefined)
  assert.ok(plain)
  commitChanges(socket, [deleteRule(TABLE, plain)])
  assert.throws(() => commitChanges(socket, [deleteRule(TABLE, plain)]), { code: 'ENOENT' })
  assert.equal(
    removeRules(socket, TABLE, ({ comment }) => comment === 'a'),
    2,
  )
  assert.equal(
    removeRules(socket, TABLE, ({ comment }) => comment === 'a'),
    0,
  )
  assert.equal(
    removeRules(socket, { family: 'inet', name: 'nowhere' }, () => true),
    0,
  )
  const shown = namespace.run('nft', 'list', 'chain', 'inet', 'gocker', 'here')
  assert.deepEqual(
    Array.from(shown.matchAll(/comment "(.*)"/g), ([, comment]) => comment),
    ['b', 'of nft'],
  )
})

test('rules go while others change theirs', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('netfilter')
  commitChanges(socket, [...CHAIN, ...Array.from({ length: 40 }, (_, number) => accept(`${number}`))])
  const churn = 'for i in $(seq 40); do nft add table ip passing && nft delete table ip passing || exit 1; done'
  const others = spawn('nsenter', [`--net=${namespace.path}`, 'sh', '-c', churn], { stdio: 'inherit' })
  const ended = once(others, 'exit')
  for (let number = 0; number < 40; number++) {
    assert.equal(
      removeRules(socket, TABLE, ({ comment }) => comment === `${number}`),
      1,
    )
    await setImmediate()
  }
  assert.deepEqual(await ended, [0, null])
  assert.deepEqual(listRules(socket, TABLE), [])
})

test('comments are kept whole, or refused', () => {
  for (const comment of ['', 'gocker network x', 'ü'.repeat(63)]) assert.equal(decodeComment(encodeComment(comment)), comment)
  assert.throws(() => encodeComment('x'.repeat(128)), { code: 'EINVAL' })
})

const USER_DATA: readonly [what: string, hex: string, comment: string | undefined][] = [
  ['nothing', '', undefined],
  ['another kind first', '01020000 00026100', 'a'],
  ['another kind alone', '0102 0000', undefined],
  ['a length beyond the end', '0005 6100', undefined],
  ['a type without length', '00', undefined],
]

test('user data of others is read as far as it makes sense', () => {
  for (const [what, hex, comment] of USER_DATA) assert.equal(decodeComment(Buffer.from(hex.replaceAll(' ', ''), 'hex')), comment, what)
})
