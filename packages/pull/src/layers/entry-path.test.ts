import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entryPath } from './entry-path.ts'

test('names become paths within the layer', () => {
  const paths = {
    'usr/bin/x': '/usr/bin/x',
    './usr/bin/x': '/usr/bin/x',
    '/usr/bin/x': '/usr/bin/x',
    'usr/': '/usr',
    './usr//bin/./x/': '/usr/bin/x',
    './/usr': '/usr',
    '.hidden': '/.hidden',
    'a/.hidden/b': '/a/.hidden/b',
    '..a/b..': '/..a/b..',
    './': '',
    '.': '',
    '/': '',
    '': '',
  }
  for (const [name, path] of Object.entries(paths)) assert.equal(entryPath(name), path, name)
})

test('a name that leads out, or that no path can hold, is refused', () => {
  for (const name of ['..', '../x', './../x', 'a/..', 'a/../b', '/..', 'a//../b']) assert.throws(() => entryPath(name), /"\.\."/, name)
  const longest = 'n'.repeat(4094)
  for (const name of [longest, `./${longest}`, `/${longest}`, `${longest}/`]) assert.equal(entryPath(name), `/${longest}`)
  for (const name of [`${longest}n`, `./${longest}n`, `/${longest}n`]) assert.throws(() => entryPath(name), /4095/)
})
