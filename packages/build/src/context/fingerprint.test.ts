import assert from 'node:assert/strict'
import { chmodSync, chownSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { directoryTree } from './directory-tree.ts'
import { fingerprint } from './fingerprint.ts'
import { walk } from './tree.ts'

function sample(t: TestContext): string {
  const root = temporaryDirectory(t)
  mkdirSync(join(root, 'd'))
  writeFileSync(join(root, 'd/a'), 'A')
  writeFileSync(join(root, 'd/b'), 'B')
  symlinkSync('a', join(root, 'd/link'))
  return root
}

function fingerprintOf(root: string): string {
  return fingerprint(root, walk(directoryTree(root), ''))
}

test('is the same for the same files elsewhere', (t) => {
  assert.equal(fingerprintOf(sample(t)), fingerprintOf(sample(t)))
})

const SAME: Readonly<Record<string, (root: string) => void>> = {
  'a time': (root) => utimesSync(join(root, 'd/a'), 1, 1),
  'an owner': (root) => chownSync(join(root, 'd/a'), 5, 6),
}
const OTHER: Readonly<Record<string, (root: string) => void>> = {
  'a content': (root) => writeFileSync(join(root, 'd/a'), 'X'),
  'a mode': (root) => chmodSync(join(root, 'd/a'), 0o600),
  "a directory's mode": (root) => chmodSync(join(root, 'd'), 0o700),
  'a name': (root) => renameSync(join(root, 'd/a'), join(root, 'd/c')),
  'two contents that change places': (root) => {
    writeFileSync(join(root, 'd/a'), 'B')
    writeFileSync(join(root, 'd/b'), 'A')
  },
  'a new, empty file': (root) => writeFileSync(join(root, 'd/new'), ''),
  "a symlink's target": (root) => {
    rmSync(join(root, 'd/link'))
    symlinkSync('b', join(root, 'd/link'))
  },
  'a symlink that becomes what it led to': (root) => {
    rmSync(join(root, 'd/link'))
    writeFileSync(join(root, 'd/link'), 'A')
  },
  'two files that become one of two names': (root) => {
    rmSync(join(root, 'd/b'))
    linkSync(join(root, 'd/a'), join(root, 'd/b'))
  },
}

for (const [name, change] of Object.entries(SAME))
  test(`stays with ${name}`, (t) => {
    const root = sample(t)
    const before = fingerprintOf(root)
    change(root)
    assert.equal(fingerprintOf(root), before)
  })

for (const [name, change] of Object.entries(OTHER))
  test(`changes with ${name}`, (t) => {
    const root = sample(t)
    const before = fingerprintOf(root)
    change(root)
    assert.notEqual(fingerprintOf(root), before)
  })
