import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identityOf } from './user.ts'

const files = {
  passwd: `root:x:0:0:root:/root:/bin/sh
# a comment
alice:x:1000:1000::/home/alice:
1234:x:77:77::/home/odd:
broken
homeless:x:5:5
`,
  group: 'root:x:0:\nwheel:x:10:root,alice\nusers:x:100:alice\n1234:x:78:\n',
}

const cases: readonly (readonly [text: string, uid: number, gid: number, groups: readonly number[], home: string])[] = [
  ['', 0, 0, [0, 10], '/root'],
  ['alice', 1000, 1000, [1000, 10, 100], '/home/alice'],
  ['1000', 1000, 1000, [1000, 10, 100], '/home/alice'],
  ['alice:users', 1000, 100, [100], '/home/alice'],
  ['alice:55', 1000, 55, [55], '/home/alice'],
  ['4711', 4711, 0, [0], '/'],
  ['4711:users', 4711, 100, [100], '/'],
  ['1234', 77, 77, [77], '/home/odd'],
  ['0:1234', 0, 78, [78], '/root'],
  ['homeless', 5, 5, [5], '/'],
]

for (const [text, uid, gid, additionalGids, home] of cases)
  test(`user ${JSON.stringify(text)} is found`, () => assert.deepEqual(identityOf(text, files), { uid, gid, additionalGids, home }))

test('groups are added by name and by number, once', () => {
  assert.deepEqual(identityOf('alice', files, ['users', '55']).additionalGids, [1000, 10, 100, 55])
})

test('a number needs no file, a name does', () => {
  const none = { passwd: '', group: '' }
  assert.deepEqual(identityOf('', none), { uid: 0, gid: 0, additionalGids: [0], home: '/' })
  assert.throws(() => identityOf('bob', none), { code: 'NO_SUCH_USER', message: /"bob": the image's \/etc\/passwd/ })
  assert.throws(() => identityOf('0:staff', none), { code: 'NO_SUCH_USER', message: /group "staff"/ })
  assert.throws(() => identityOf('99999999999', none), { code: 'NO_SUCH_USER' })
})
