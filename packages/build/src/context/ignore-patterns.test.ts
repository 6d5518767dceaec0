import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ignorePatterns, parseIgnorePatterns } from './ignore-patterns.ts'

/** Patterns, what they leave out, and what they do not. */
const TABLE: readonly (readonly [patterns: string, out: readonly string[], stays: readonly string[]])[] = [
  ['a', ['a', 'a/b', 'a/b/c'], ['b/a', 'ab']],
  ['/a', ['a', 'a/b'], ['b/a']],
  ['a/', ['a', 'a/b'], ['b']],
  ['./a/./b//c', ['a/b/c'], ['a/b']],
  ['a/../b', ['b'], ['a', 'a/b']],
  ['../a', [], ['a']],
  ['.', [], ['a']],
  ['*', ['a', '.hidden', 'a/b'], []],
  ['*.md', ['x.md', '.md'], ['a/x.md', 'x.mdx']],
  ['*/x', ['a/x', 'a/x/y'], ['x', 'a/b/x']],
  ['a?c', ['abc', 'a.c'], ['ac', 'a/c']],
  ['[a-c]x', ['ax', 'cx'], ['dx', '-x']],
  ['[^a-c]x', ['dx'], ['ax']],
  ['[!a]x', ['!x', 'ax'], ['bx']],
  ['a\\*b', ['a*b'], ['axb']],
  ['**', ['a', 'a/b'], []],
  ['**/x', ['x', 'a/x', 'a/b/x', 'x/y'], ['ax', 'a/xb']],
  ['**/*.go', ['x.go', 'a/b/x.go'], ['x.gox']],
  ['**.txt', ['x.txt', 'a/b.txt'], ['x.txt.gz']],
  ['a/**', ['a/b', 'a/b/c'], ['a', 'b']],
  ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['z', 'b/a/z']],
  ['a**b', ['ab', 'ax/b'], ['axb']],
  ['a.b+(c)$', ['a.b+(c)$'], ['axb+(c)$']],
  ['a\n!a/b', ['a', 'a/c', 'a/bc'], ['a/b', 'a/b/c']],
  ['a/b\n!a', [], ['a', 'a/b']],
  ['*\n!a\na/b\n!a/b/c', ['x', 'a/b', 'a/b/d'], ['a', 'a/c', 'a/b/c']],
  ['!a\na', ['a'], []],
  ['# comment\n\n  a  \n', ['a'], ['# comment', 'b']],
  [' # no comment', ['# no comment'], ['no comment']],
  ['! a\n', [], ['a']],
  ['\uFEFFa\r\nb\r\n', ['a', 'b'], ['c']],
]

describe('ignore files', () => {
  for (const [patterns, out, stays] of TABLE)
    test(JSON.stringify(patterns), () => {
      const { excludes } = parseIgnorePatterns(patterns)
      const all = [...out, ...stays]
      assert.deepEqual(
        all.filter((path) => excludes(path)),
        out,
      )
    })

  test('a pattern that is none is an error', () => {
    for (const pattern of ['[', '[]', 'a[b', '[z-a]', 'a\\']) assert.throws(() => ignorePatterns([pattern]), { code: 'SYNTAX' }, pattern)
  })

  test('a directory that is left out is looked into only where something may be wanted again', () => {
    const { mayIncludeBelow } = parseIgnorePatterns('*\n!a/b/*.x\n!**/readme')
    assert.equal(mayIncludeBelow('other'), true)
    const fixed = parseIgnorePatterns('*\n!a/b/*.x')
    assert.deepEqual(
      ['a', 'a/b', 'a/b/c', 'a/c', 'b'].map((path) => fixed.mayIncludeBelow(path)),
      [true, true, true, false, false],
    )
  })
})
