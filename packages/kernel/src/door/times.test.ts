import assert from 'node:assert/strict'
import { closeSync, lstatSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { setTimes } from './times.ts'

const cases = [
  { seconds: 0, nanoseconds: 0 },
  { seconds: 1_700_000_000, nanoseconds: 999_999_999 },
  { seconds: -1, nanoseconds: 5 },
  { seconds: 5_000_000_000, nanoseconds: 1 },
  { seconds: 5_000_000_001n, nanoseconds: 2 },
  { seconds: -1_000_000_000n, nanoseconds: 0 },
]

test('times to the nanosecond, before 1970 and after 2106', (t) => {
  const path = join(temporaryDirectory(t), 'file')
  writeFileSync(path, '')
  for (const time of cases) {
    const other = { seconds: 7, nanoseconds: 8 }
    setTimes(path, { atime: other, mtime: time })
    const { atimeNs, mtimeNs } = lstatSync(path, { bigint: true })
    assert.equal(mtimeNs, BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanoseconds))
    assert.equal(atimeNs, 7_000_000_008n)
  }
})

test('by descriptor, and of a symlink itself', (t) => {
  const directory = temporaryDirectory(t)
  const [target, link] = [join(directory, 'target'), join(directory, 'link')]
  symlinkSync(target, link)
  const fd = openSync(target, 'w')
  setTimes(fd, { atime: { seconds: 1, nanoseconds: 2 }, mtime: { seconds: 3, nanoseconds: 4 } })
  closeSync(fd)
  setTimes(link, { atime: { seconds: 5, nanoseconds: 6 }, mtime: { seconds: 7, nanoseconds: 8 } })
  assert.equal(lstatSync(target, { bigint: true }).mtimeNs, 3_000_000_004n)
  assert.equal(lstatSync(link, { bigint: true }).mtimeNs, 7_000_000_008n)
})

test('a missing file is named', () => {
  const time = { seconds: 0, nanoseconds: 0 }
  assert.throws(() => setTimes('/nowhere/at/all', { atime: time, mtime: time }), { message: /^utimensat \/nowhere\/at\/all: ENOENT/ })
})
