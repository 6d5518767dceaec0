import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeDevice, mknod, setXattr } from '@gocker/kernel'
import { temporaryDirectory } from '@gocker/testkit'
import { mergedDirectories } from './merged-directories.ts'

test('a directory is what the layers have of it, down to what hides the rest', (t) => {
  const root = temporaryDirectory(t)
  const layers = ['top', 'middle', 'bottom'].map((name) => join(root, name))
  const [top = '', middle = '', bottom = ''] = layers
  for (const path of ['all/in', 'opaque', 'whiteout', 'file', 'low/down']) mkdirSync(join(bottom, path), { recursive: true })
  for (const path of ['all/in', 'opaque']) mkdirSync(join(middle, path), { recursive: true })
  for (const path of ['all/in', 'opaque', 'whiteout', 'file', 'other']) mkdirSync(join(top, path), { recursive: true })
  setXattr(join(middle, 'opaque'), 'trusted.overlay.opaque', Buffer.from('y'))
  mknod(join(middle, 'whiteout'), 0o020_000, makeDevice(0, 0))
  writeFileSync(join(middle, 'file'), '')
  const merged = (path: string) => mergedDirectories(layers, path).map((place) => place.slice(root.length + 1))
  assert.deepEqual(merged(''), ['top', 'middle', 'bottom'])
  assert.deepEqual(merged('all/in'), ['top/all/in', 'middle/all/in', 'bottom/all/in'])
  assert.deepEqual(merged('opaque'), ['top/opaque', 'middle/opaque'])
  assert.deepEqual([merged('whiteout'), merged('file')], [['top/whiteout'], ['top/file']])
  assert.deepEqual([merged('low/down'), merged('other')], [['bottom/low/down'], ['top/other']])
})
