import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { DetachFilter, parseDetachKeys } from './detach-keys.ts'

const KEYS: [text: string, bytes: number[]][] = [
  ['ctrl-p,ctrl-q', [16, 17]],
  ['a', [97]],
  ['A,ctrl-A', [65, 1]],
  ['ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 27, 28, 29, 30, 31]],
  ['ctrl-z,z,0', [26, 122, 48]],
  ['', []],
]

for (const [keys, bytes] of KEYS) test(`${JSON.stringify(keys)} are keys`, () => assert.deepEqual([...parseDetachKeys(keys)], bytes))

for (const keys of ['ctrl-', 'ctrl-1', 'ab', 'ctrl-p,', ',', 'ctrl-pq', 'é', 'shift-a'])
  test(`${JSON.stringify(keys)} are none`, () => {
    assert.throws(() => parseDetachKeys(keys), { code: 'INVALID_OPTION', message: /^reading --detach-keys .* is no key$/ })
  })

const TYPED: [keys: string, typed: string, passed: string, detaches: boolean][] = [
  ['ctrl-p,ctrl-q', 'hello', 'hello', false],
  ['ctrl-p,ctrl-q', 'a\x10\x11b', 'a', true],
  ['ctrl-p,ctrl-q', 'a\x10b', 'a\x10b', false],
  ['ctrl-p,ctrl-q', 'a\x10\x10\x11', 'a\x10', true],
  ['ctrl-p,ctrl-q', 'a\x10', 'a\x10', false],
  ['a,a,b', 'aaab', 'a', true],
  ['a,b,a,c', 'ababac', 'ab', true],
  ['x', 'x', '', true],
  ['', 'a\x10\x11', 'a\x10\x11', false],
]

for (const [keys, typed, passed, detaches] of TYPED)
  for (const size of [1, 2, typed.length])
    test(`${JSON.stringify(typed)} with ${JSON.stringify(keys)}, ${size} at once`, async () => {
      let isDetached = false
      const filter = new DetachFilter(parseDetachKeys(keys), () => {
        isDetached = true
      })
      for (let at = 0; at < typed.length && !filter.writableEnded; at += size) filter.write(typed.slice(at, at + size))
      if (!filter.writableEnded) filter.end()
      assert.deepEqual([await text(filter), isDetached], [passed, detaches])
    })
