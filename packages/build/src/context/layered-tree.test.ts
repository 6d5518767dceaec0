import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeDevice, mknod, mountOverlay, setXattr, unmount } from '@gocker/kernel'
import { makeTemporaryDirectory, removeTree } from '@gocker/testkit'
import { layeredTree } from './layered-tree.ts'
import { walk } from './tree.ts'

/** Layers as text, the lowest first: `a/b` a file, `a/` a directory, `a/!` opaque, `-a` a whiteout, `a>t` a symlink. */
const CASES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'files add up': [['a/x', 'b/y'], ['a/z'], ['c/']],
  'a file over a file': [['a/x'], ['a/x']],
  whiteouts: [
    ['a/x', 'a/y', 'b/z'],
    ['-a/x', '-b'],
  ],
  'a whiteout of what is not there': [['a/'], ['-a/x', '-b']],
  'a directory made anew after a whiteout': [['a/x'], ['-a'], ['a/y']],
  'an opaque directory': [['a/x', 'a/sub/y'], ['a/!', 'a/z'], ['a/w']],
  'an opaque directory within another': [['a/b/x', 'a/y'], ['a/b/!', 'a/b/z'], ['a/b/w']],
  'a file over a directory': [['a/x', 'a/sub/y'], ['a']],
  'a directory over a file': [['a'], ['a/x']],
  'a directory over a file over a directory': [['a/x'], ['a'], ['a/y']],
  'a symlink over a directory': [['a/x', 'b/y'], ['a>b']],
  'a directory over a symlink': [['b/y', 'a>b'], ['a/x']],
  'a symlink to what a later layer removes': [['b/y', 'a>b'], ['-b']],
  'a whiteout below a whiteout': [['a/b/c'], ['-a/b'], ['a/b/d'], ['-a/b/d']],
}

for (const [name, layers] of Object.entries(CASES))
  test(`${name}: as overlayfs shows it`, (t) => {
    const { directories, merged } = mounted(t, layers)
    const tree = layeredTree(directories)
    const shown = [...walk(tree, '')].slice(1).map(({ path, type, mode, target }) => ({
      path,
      type,
      mode,
      content: type === 'file' ? readFileSync(join(directories[tree.holder(path) ?? -1] ?? '', path), 'utf8') : target,
    }))
    assert.deepEqual(shown, below(merged))
  })

test('what is not there has no entry', (t) => {
  const tree = layeredTree(mounted(t, [['a/x'], ['-a']]).directories)
  assert.deepEqual([tree.entry('a'), tree.entry('a/x'), tree.entry('b'), tree.names('a')], [undefined, undefined, undefined, []])
})

function mounted(t: TestContext, layers: readonly (readonly string[])[]): { directories: string[]; merged: string } {
  const root = makeTemporaryDirectory()
  const directories = layers.map((entries, index) => {
    const directory = join(root, `${index}`)
    mkdirSync(directory)
    for (const entry of entries) make(directory, entry, `${entry} of ${index}`)
    return directory
  })
  const [merged, nothing] = [join(root, 'merged'), join(root, 'nothing')]
  mkdirSync(merged)
  mkdirSync(nothing)
  directories.reverse()
  mountOverlay({ lowers: [...directories, nothing], target: merged })
  t.after(() => {
    unmount(merged)
    removeTree(root)
  })
  return { directories, merged }
}

function make(root: string, entry: string, content: string): void {
  const [, name = '', target] = /^-?([^>!]*?)\/?!?(?:>(.*))?$/.exec(entry) ?? []
  const path = join(root, name)
  mkdirSync(/[/!]$/.test(entry) ? path : dirname(path), { recursive: true })
  if (entry.endsWith('!')) setXattr(path, 'trusted.overlay.opaque', Buffer.from('y'))
  else if (entry.startsWith('-')) mknod(path, 0o020000, makeDevice(0, 0))
  else if (target !== undefined) symlinkSync(target, path)
  else if (!entry.endsWith('/')) writeFileSync(path, content)
}

function below(root: string, directory = ''): unknown[] {
  return readdirSync(join(root, directory))
    .sort()
    .flatMap((name) => {
      const path = join(directory, name)
      const stats = lstatSync(join(root, path))
      const mode = stats.mode & 0o7777
      if (stats.isDirectory()) return [{ path, type: 'directory', mode, content: undefined }, ...below(root, path)]
      if (stats.isSymbolicLink()) return [{ path, type: 'symlink', mode, content: readlinkSync(join(root, path)) }]
      return [{ path, type: 'file', mode, content: readFileSync(join(root, path), 'utf8') }]
    })
}
