import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { directoryTree } from './directory-tree.ts'
import { filteredTree } from './filtered-tree.ts'
import { ignorePatterns } from './ignore-patterns.ts'
import { select } from './select.ts'
import { selectWithParents } from './select-with-parents.ts'
import { type SourceTree, walk } from './tree.ts'

function treeOf(t: TestContext, files: readonly string[], links: Readonly<Record<string, string>> = {}): SourceTree {
  const root = temporaryDirectory(t)
  for (const file of files) {
    mkdirSync(join(root, file.endsWith('/') ? file : dirname(file)), { recursive: true })
    if (!file.endsWith('/')) writeFileSync(join(root, file), file)
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name))
  return directoryTree(root)
}

describe('select', () => {
  const files = ['a.txt', 'b.txt', 'c.md', 'd/a.txt', 'd/e/a.txt', 'f/a.txt', '[x]', '*']
  const table: Readonly<Record<string, readonly string[]>> = {
    '.': [''],
    '/': [''],
    './d/../a.txt': ['a.txt'],
    '../../a.txt': ['a.txt'],
    'd/': ['d'],
    '*.txt': ['a.txt', 'b.txt'],
    '?.txt': ['a.txt', 'b.txt'],
    '[ac].*': ['a.txt', 'c.md'],
    '[^a].*': ['b.txt', 'c.md'],
    '*/a.txt': ['d/a.txt', 'f/a.txt'],
    'd/**': ['d/a.txt', 'd/e'],
    '**/a.txt': ['d/a.txt', 'f/a.txt'],
    'd*/': ['d'],
    '\\[x\\]': ['[x]'],
    '\\*': ['*'],
    'a.txt/x': [],
    'none*': [],
    none: [],
  }
  for (const [pattern, expected] of Object.entries(table))
    test(`${pattern} is ${JSON.stringify(expected)}`, (t) => {
      assert.deepEqual(
        select(treeOf(t, files), pattern).map(({ path }) => path),
        expected,
      )
    })

  test('symlinks are followed within the tree, but for those that a wildcard met on the way', (t) => {
    const links = { in: 'd', 'd/up': '../../..', rooted: '/d/x', out: '/etc/passwd', loop: 'loop', dangling: 'nothing' }
    const tree = treeOf(t, ['d/x', 'd/y'], links)
    const paths = (pattern: string) => select(tree, pattern).map(({ path, name }) => `${name}=${path}`)
    assert.deepEqual(paths('in/x'), ['x=d/x'])
    assert.deepEqual(paths('in/*'), ['up=', 'x=d/x', 'y=d/y'])
    assert.deepEqual(paths('rooted'), ['rooted=d/x'])
    assert.deepEqual(paths('d/up/d/x'), ['x=d/x'])
    assert.deepEqual(paths('*/x'), ['x=d/x'])
    assert.deepEqual([paths('out'), paths('loop'), paths('dangling'), paths('out/../d')], [[], [], [], ['d=d']])
  })

  test('a pattern that is none is an error', (t) => {
    const tree = treeOf(t, ['a'])
    for (const pattern of ['[', 'a[', '*[z-a]']) assert.throws(() => select(tree, pattern), { code: 'SYNTAX' }, pattern)
  })
})

describe('selectWithParents', () => {
  const files = ['x/a.txt', 'x/y/b.txt', 'x/y/c.md', 'z/']
  const none = ignorePatterns([])
  const table: Readonly<Record<string, readonly string[] | undefined>> = {
    'x/a.txt': ['(x)', 'x/a.txt'],
    'x/./a.txt': ['a.txt'],
    './x/./y': ['y', 'y/b.txt', 'y/c.md'],
    '**/*.txt': ['(x)', 'x/a.txt', '(x/y)', 'x/y/b.txt'],
    'x/*/*.md': ['(x)', '(x/y)', 'x/y/c.md'],
    '*/./*.txt': ['a.txt'],
    '.': ['x', 'x/a.txt', 'x/y', 'x/y/b.txt', 'x/y/c.md', 'z'],
    none: undefined,
    'none/*': [],
  }
  for (const [pattern, expected] of Object.entries(table))
    test(`${pattern} is ${JSON.stringify(expected)}`, (t) => {
      const selected = selectWithParents(treeOf(t, files), pattern, none)
      const shown = selected?.flatMap(({ base, entries }) =>
        entries.map(({ entry, implied }) => {
          const below = base === '' ? entry.path : entry.path.slice(base.length + 1)
          return implied ? `(${below})` : below
        }),
      )
      assert.deepEqual(shown, expected)
    })
})

describe('filteredTree', () => {
  const paths = (tree: SourceTree) => [...walk(tree, '')].map(({ path }) => path)

  test('shows a directory that is left out for what is wanted in it', (t) => {
    const tree = treeOf(t, ['a/b/keep', 'a/b/drop', 'a/c/drop', 'd/e'])
    assert.deepEqual(paths(filteredTree(tree, ignorePatterns(['*', '!a/b/keep']))), ['', 'a', 'a/b', 'a/b/keep'])
    assert.deepEqual(paths(filteredTree(tree, ignorePatterns(['*', '!**/keep']))), ['', 'a', 'a/b', 'a/b/keep'])
  })

  test('says nothing of what is not below its base', (t) => {
    const tree = treeOf(t, ['a/x', 'ab/x', 'x'])
    assert.deepEqual(paths(filteredTree(tree, ignorePatterns(['x']), 'a')), ['', 'a', 'ab', 'ab/x', 'x'])
  })
})
