import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { mknod, setXattr } from '@gocker/kernel'
import { temporaryDirectory } from '@gocker/testkit'
import { LayerView, namesIn } from './layer-view.ts'
import { readUserFiles } from './user-files.ts'

type Content = string | { readonly link: string } | 'whiteout' | 'opaque'

/** Layers of these files, top first; `opaque` makes a directory that hides what is below it. */
function layers(t: TestContext, ...contents: readonly Readonly<Record<string, Content | { text: string }>>[]): LayerView {
  const root = temporaryDirectory(t)
  const dirs = contents.map((files, index) => {
    const dir = join(root, `${index}`)
    mkdirSync(dir)
    for (const [name, content] of Object.entries(files)) make(join(dir, name), content)
    return dir
  })
  return new LayerView(dirs)
}

function make(path: string, content: Content | { text: string }): void {
  mkdirSync(dirname(path), { recursive: true })
  if (content === 'whiteout') mknod(path, 0o020_000, 0n)
  else if (content === 'opaque') {
    mkdirSync(path, { recursive: true })
    setXattr(path, 'trusted.overlay.opaque', Buffer.from('y'))
  } else if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, path)
  else writeFileSync(path, typeof content === 'string' ? content : content.text)
}

const passwd = (view: LayerView) => readUserFiles(view).passwd

test('the top one is read', (t) => {
  assert.equal(passwd(layers(t, { 'etc/passwd': 'top' }, { 'etc/passwd': 'bottom', 'etc/group': 'g' })), 'top')
})

test('what is missing above is read below', (t) => {
  const view = layers(t, { 'etc/hosts': 'x' }, {}, { 'etc/passwd': 'bottom' })
  assert.deepEqual(readUserFiles(view), { passwd: 'bottom', group: '' })
})

test('what was taken away is not there', (t) => {
  assert.equal(passwd(layers(t, { 'etc/passwd': 'whiteout' }, { 'etc/passwd': 'bottom' })), '')
  assert.equal(passwd(layers(t, { etc: 'whiteout' }, { 'etc/passwd': 'bottom' })), '')
  assert.equal(passwd(layers(t, { etc: 'opaque' }, { 'etc/passwd': 'bottom' })), '')
  assert.equal(passwd(layers(t, { etc: { text: 'a file' } }, { 'etc/passwd': 'bottom' })), '')
})

test('symlinks lead to where they would in the container', (t) => {
  assert.equal(passwd(layers(t, { 'etc/passwd': { link: '/usr/share/users' } }, { 'usr/share/users': 'found' })), 'found')
  assert.equal(passwd(layers(t, { etc: { link: 'private/etc' } }, { 'private/etc/passwd': 'found' })), 'found')
  assert.equal(passwd(layers(t, { 'etc/passwd': { link: '../../../../data' }, data: { text: 'found' } })), 'found')
})

test('symlinks lead neither out nor round for ever', (t) => {
  const outside = join(temporaryDirectory(t), 'secret')
  writeFileSync(outside, 'secret')
  assert.equal(passwd(layers(t, { 'etc/passwd': { link: outside } })), '')
  assert.equal(passwd(layers(t, { 'etc/passwd': { link: 'passwd' } })), '')
})

test('what is no file is not read', (t) => {
  const view = layers(t, { 'etc/passwd/x': 'a directory' })
  assert.equal(passwd(view), '')
  assert.equal(view.find('/etc/passwd/x/y'), undefined)
})

test('a directory has the names of all its layers, less those taken away', (t) => {
  const view = layers(t, { 'd/a': '1', 'd/b': 'whiteout' }, { 'd/b': '2', 'd/c': '3' }, { 'd/d/e': '4' })
  const directory = view.find('/d')
  assert.ok(directory?.kind === 'directory')
  assert.deepEqual(namesIn(directory).sort(), ['a', 'c', 'd'])
})
