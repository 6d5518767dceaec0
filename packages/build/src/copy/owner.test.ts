import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AccountFile, ownerIn } from './owner.ts'

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd':
    '# nobody yet\nroot:x:0:0::/root:/bin/sh\nada:x:1000:100::/:/bin/sh\nadalbert:x:1001:1001::/:\nbroken:x:none:1\n12:x:77:77::/:',
  'etc/group': 'root:x:0:\nusers:x:100:ada\nstaff:x:50:\n',
}
const accounts: AccountFile = (path) => FILES[path]

const OWNERS: Readonly<Record<string, string>> = {
  ada: '1000:100',
  'ada:staff': '1000:50',
  'ada:7': '1000:7',
  'ada:': '1000:100',
  '5': '5:5',
  '5:users': '5:100',
  '5:6': '5:6',
  '12': '12:12',
  ':staff': '0:50',
  root: '0:0',
}

for (const [text, expected] of Object.entries(OWNERS))
  test(`${text} is ${expected}`, () => {
    const { uid, gid } = ownerIn(accounts, text)
    assert.equal(`${uid}:${gid}`, expected)
  })

test('who is unknown is named', () => {
  assert.throws(() => ownerIn(accounts, 'ad'), { message: 'no user "ad" in /etc/passwd' })
  assert.throws(() => ownerIn(accounts, 'broken'), { message: 'no user "broken" in /etc/passwd' })
  assert.throws(() => ownerIn(accounts, 'ada:wheel'), { message: 'no group "wheel" in /etc/group' })
})

test('without account files there are numbers, and root', () => {
  const none: AccountFile = () => undefined
  assert.deepEqual(
    [ownerIn(none, '3:4'), ownerIn(none, 'root:root')],
    [
      { uid: 3, gid: 4 },
      { uid: 0, gid: 0 },
    ],
  )
  assert.throws(() => ownerIn(none, 'ada'), { message: /no user "ada"/ })
})
