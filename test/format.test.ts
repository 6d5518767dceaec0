import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { detachedFixture } from './support/detached.ts'
import { refused } from './support/running.ts'

// Before the fixture looks for what is left.
after(() => ok('rm', 'web'))

const { gocker, prints: ok, eventually } = detachedFixture('busybox')

before(async () => {
  // The fixture's own hook may be at work still.
  await eventually(async () => (await ok('images', '-q')) !== '')
  await ok('create', '--network', 'none', '--name', 'web', '-l', 'a.b=c', 'busybox', 'echo', 'hello')
})

const FORMATS: [words: string[], output: RegExp][] = [
  [['ps', '-a', '--format', 'table {{.ID}}\\t{{.Names}}'], /^CONTAINER ID {3}NAMES\n[0-9a-f]{12} {3}web\n$/],
  [['ps', '-a', '--format', '{{json .}}'], /^\{"Command":"\\"echo hello\\"",.*"Names":"web".*\}\n$/],
  [['ps', '-a', '--format', '{{.Names}}{{if eq .State "created"}} is new{{end}}'], /^web is new\n$/],
  [['images', '--format', '{{.Repository}}\\t{{.Tag}}'], /^busybox\tlatest\n$/],
  [['images', '--format', 'table {{.Repository}}'], /^REPOSITORY\nbusybox\n$/],
  [['network', 'ls', '--filter', 'name=none', '--format', '{{.Name}} {{.Driver}}'], /^none null\n$/],
  [['inspect', '-f', '{{json .Config.Labels}}', 'web'], /^\{"a\.b":"c"\}\n$/],
  [['inspect', '-f', '{{index .Config.Labels "a.b" | printf "%q"}}', 'web'], /^"c"\n$/],
  [['inspect', '-f', '{{range .Config.Cmd}}<{{.}}>{{end}}', 'web'], /^<echo><hello>\n$/],
  [['info', '-f', '{{len .Namespaces}} {{.Driver}}'], /^\d+ overlay2\n$/],
]

for (const [words, output] of FORMATS)
  test(`gocker ${words.join(' ')}`, async () => {
    assert.match(await ok(...words), output)
  })

test('a template that is none is refused before anything is printed', async () => {
  refused(await gocker(['ps', '-a', '--format', '{{.Names']), 125, /an action that \{\{ begins has no \}\}/)
  refused(await gocker(['images', '--format', '{{nope .ID}}']), 125, /templates have no such function\n {2}hint: there are and, /)
  refused(await gocker(['inspect', '-f', '{{.Nope}}', 'web']), 125, /reading Nope of \.: there is no such field/)
})
