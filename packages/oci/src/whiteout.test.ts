import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Whiteout, whiteoutOf } from './whiteout.ts'

const NAMES: readonly (readonly [basename: string, whiteout: Whiteout | undefined])[] = [
  ['file', undefined],
  ['.whatever', undefined],
  ['wh.file', undefined],
  ['a.wh.file', undefined],
  ['.wh.file', { kind: 'name', name: 'file' }],
  ['.wh..hidden', { kind: 'name', name: '.hidden' }],
  ['.wh....', { kind: 'name', name: '...' }],
  ['.wh..wh..opq', { kind: 'opaque' }],
  ['.wh..wh.plnk', { kind: 'metadata' }],
  ['.wh..wh.aufs', { kind: 'metadata' }],
  ['.wh..wh..opq2', { kind: 'metadata' }],
  // These would hide the directory itself, or the one above.
  ['.wh.', { kind: 'metadata' }],
  ['.wh..', { kind: 'metadata' }],
  ['.wh...', { kind: 'metadata' }],
]

for (const [basename, whiteout] of NAMES)
  test(`${basename} is ${JSON.stringify(whiteout) ?? 'an ordinary name'}`, () => assert.deepEqual(whiteoutOf(basename), whiteout))
