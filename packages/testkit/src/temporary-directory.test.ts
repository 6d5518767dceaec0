import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTemporaryDirectory, removeTree, temporaryDirectory } from './temporary-directory.ts'

test('a temporary directory goes with its test, whatever is in it', () => {
  const undo: (() => void | Promise<void>)[] = []
  const directory = temporaryDirectory({ after: (fn) => undo.push(fn) })
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0xfe])]), '')
  mkdirSync(join(directory, 'closed'), { mode: 0 })
  for (const fn of undo) fn()
  assert.equal(existsSync(directory), false)
})

test('a directory with a mount in it is not removed, and that is said', { skip: process.getuid?.() !== 0 && 'needs root' }, () => {
  const directory = makeTemporaryDirectory()
  const inside = join(directory, 'a b')
  mkdirSync(inside)
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', inside])
  try {
    assert.throws(() => removeTree(directory), /still mounted: .*\/a b$/)
  } finally {
    execFileSync('umount', [inside])
  }
  removeTree(directory)
  assert.equal(existsSync(directory), false)
})
