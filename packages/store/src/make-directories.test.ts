import assert from 'node:assert/strict'
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { makeDirectories } from './make-directories.ts'

test('makes what is missing, with its mode, and leaves the rest', (t) => {
  const top = temporaryDirectory(t)
  mkdirSync(join(top, 'a'), 0o750)
  assert.equal(makeDirectories(join(top, 'a/b/c'), 0o700), join(top, 'a/b'))
  assert.equal(makeDirectories(join(top, 'a/b/c'), 0o755), undefined)
  const modes = ['a', 'a/b', 'a/b/c'].map((name) => statSync(join(top, name)).mode & 0o777)
  assert.deepEqual(modes, [0o750, 0o700, 0o700])
  symlinkSync('a', join(top, 'link'))
  makeDirectories(join(top, 'link/d/'))
  assert.ok(statSync(join(top, 'a/d')).isDirectory())
})

test('says why where none can be made', (t) => {
  const top = temporaryDirectory(t)
  writeFileSync(join(top, 'file'), '')
  symlinkSync('nowhere', join(top, 'dangling'))
  assert.throws(() => makeDirectories(join(top, 'file')), { code: 'EEXIST' })
  assert.throws(() => makeDirectories(join(top, 'file/below')), { code: 'ENOTDIR' })
  assert.throws(() => makeDirectories(join(top, 'dangling')), { code: 'EEXIST' })
  assert.throws(() => makeDirectories('/proc/none/below'), { code: 'ENOENT' })
  assert.throws(() => makeDirectories(join(top, 'x'.repeat(300))), { code: 'ENAMETOOLONG' })
})
