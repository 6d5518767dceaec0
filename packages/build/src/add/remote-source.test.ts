import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remoteSource, withoutCredentials } from './remote-source.ts'

const git = (remote: string, more: object = {}) => ({ kind: 'git', git: { remote, directory: '', submodules: true, ...more } })
const url = (text: string) => ({ kind: 'url', url: text })

const TABLE: Readonly<Record<string, unknown>> = {
  'a/b.git': undefined,
  './https://x': undefined,
  'github.com/o/r': undefined,
  'user@host': undefined,
  'https://h/a?b#c': url('https://h/a?b#c'),
  'HTTP://h/a': url('HTTP://h/a'),
  'https://h/r.git/x': url('https://h/r.git/x'),
  'https://h/r.git': git('https://h/r.git'),
  'https://h/r.git#v1': git('https://h/r.git', { ref: 'v1' }),
  'https://h/r.git#v1:sub/dir': git('https://h/r.git', { ref: 'v1', directory: 'sub/dir' }),
  'https://h/r.git#:sub': git('https://h/r.git', { directory: 'sub' }),
  'git@h:o/r.git#main': git('git@h:o/r.git', { ref: 'main' }),
  'ssh://git@h:22/o/r': git('ssh://git@h:22/o/r'),
  'git://h/r': git('git://h/r'),
  'https://h/r.git?ref=v1&subdir=s&checksum=abc': git('https://h/r.git', { ref: 'v1', directory: 's', checksum: 'abc' }),
  'https://h/r.git?tag=v1&keep-git-dir&submodules=false': git('https://h/r.git', {
    ref: 'refs/tags/v1',
    keepGitDir: true,
    submodules: false,
  }),
  'https://h/r.git?branch=b&commit=abc&keep-git-dir=0': git('https://h/r.git', { ref: 'refs/heads/b', checksum: 'abc', keepGitDir: false }),
}

for (const [source, expected] of Object.entries(TABLE)) test(source, () => assert.deepEqual(remoteSource(source), expected))

test('a query that is not understood is an error', () => {
  assert.throws(() => remoteSource('https://h/r.git?reff=x'), /\?reff= is not known of a repository/)
  assert.throws(() => remoteSource('https://h/r.git?submodules=maybe'), /\?submodules=maybe is neither true nor false/)
})

test('credentials are not shown', () => {
  assert.equal(withoutCredentials('https://user:p%40ss@h/x@y'), 'https://h/x@y')
  assert.equal(withoutCredentials('git@h:o/r'), 'git@h:o/r')
})
