import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseReference } from '@gocker/oci'
import { temporaryDirectory } from '@gocker/testkit'
import { configured } from '../registry/configured.ts'

function home(t: TestContext, files: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const directory = temporaryDirectory(t)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, '.config', name, '..'), { recursive: true })
    writeFileSync(join(directory, '.config', name), text)
  }
  return { HOME: directory }
}

async function brief(name: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const { endpoints, http } = await configured(parseReference(name), { environment })
  await http.close()
  return endpoints.map(({ origins, repository, isMirror }) => `${isMirror ? 'mirror ' : ''}${origins.join('|')} ${repository}`)
}

const RULES = `
unqualified-search-registries = ["quay.io"]

[[registry]]
location = "registry.example"
insecure = true

[[registry]]
prefix = "registry.example/moved"
location = "new.example/from/old"

[[registry.mirror]]
location = "mirror.example/x"

[[registry.mirror]]
location = "digests.example"
insecure = true
pull-from-mirror = "digest-only"

[[registry]]
location = "registry.example/open"

[[registry]]
prefix = "mirrored.example"
mirror-by-digest-only = true
[[registry.mirror]]
location = "digests.example"
[[registry.mirror]]
location = "tags.example:5000"
pull-from-mirror = "tag-only"

[[registry]]
prefix = "*.wild.example"
blocked = true

[[registry]]
prefix = "docker.io"
[[registry.mirror]]
location = "hub.example/proxy"
`

const DIGEST = `sha256:${'0'.repeat(64)}`
const CASES: readonly (readonly [name: string, endpoints: readonly string[]])[] = [
  ['registry.example/a/b', ['https://registry.example|http://registry.example a/b']],
  ['registry.example/moved', ['mirror https://mirror.example x', 'https://new.example from/old']],
  ['registry.example/moved/x:1', ['mirror https://mirror.example x/x', 'https://new.example from/old/x']],
  ['registry.example/movedon', ['https://registry.example|http://registry.example movedon']],
  [
    `registry.example/moved/x@${DIGEST}`,
    ['mirror https://mirror.example x/x', 'mirror https://digests.example|http://digests.example x', 'https://new.example from/old/x'],
  ],
  ['debian', ['mirror https://hub.example proxy/library/debian', 'https://registry-1.docker.io library/debian']],
  // What is insecure below one prefix is not so below another of the same host.
  ['registry.example/open/x', ['https://registry.example open/x']],
  ['mirrored.example/x:1', ['mirror https://tags.example:5000 x', 'https://mirrored.example x']],
  [`mirrored.example/x@${DIGEST}`, ['mirror https://digests.example x', 'https://mirrored.example x']],
  ['quay.io/x', ['https://quay.io x']],
]

for (const [name, endpoints] of CASES)
  test(`registries.conf: where ${name} is`, async (t) => {
    assert.deepEqual(await brief(name, home(t, { 'containers/registries.conf': RULES })), endpoints)
  })

test('registries.conf: what is blocked is refused, and a drop-in file goes before the file', async (t) => {
  const blocked = { 'containers/registries.conf': RULES }
  await assert.rejects(brief('a.wild.example/x', home(t, blocked)), { code: 'DENIED', message: /blocks \*\.wild\.example/ })
  const more = '[[registry]]\nprefix = "*.wild.example"\n'
  assert.deepEqual(await brief('a.wild.example/x', home(t, { ...blocked, 'containers/registries.conf.d/10.conf': more })), [
    'https://a.wild.example x',
  ])
})

test("gocker.toml: mirrors and insecure registries, the user's over none", async (t) => {
  const text = '[registries]\nmirrors = ["https://hub.lan", "ghcr.io=https://p.lan/g"]\ninsecure = ["r.lan"]\n'
  const environment = home(t, { 'gocker/gocker.toml': text })
  assert.deepEqual(await brief('debian', environment), [
    'mirror https://hub.lan library/debian',
    'https://registry-1.docker.io library/debian',
  ])
  assert.deepEqual(await brief('ghcr.io/o/x', environment), ['mirror https://p.lan g/o/x', 'https://ghcr.io o/x'])
  assert.deepEqual(await brief('r.lan:5000/x', environment), ['https://r.lan:5000|http://r.lan:5000 x'])
  const first = { ...environment, GOCKER_REGISTRY_MIRRORS: 'https://first.lan' }
  assert.deepEqual((await brief('debian', first))[0], 'mirror https://first.lan library/debian')
})

const MISTAKES: readonly (readonly [file: string, text: string, why: RegExp])[] = [
  ['containers/registries.conf', '[[registry]]\nlocation = ', /registries\.conf, line 2: /],
  ['containers/registries.conf', '[[registry]]\ninsecure = true', /neither a prefix nor a location/],
  ['containers/registries.conf', '[[registry]]\nprefix = "a*.b"', /a wildcard is \*\.DOMAIN/],
  ['containers/registries.conf', '[[registry]]\nlocation = "https://x"', /without https/],
  ['containers/registries.conf', '[[registry]]\nlocation = "x"\ninsecure = "yes"', /insecure is not true or false/],
  ['containers/registries.conf', '[registries.insecure]\nregistries = ["x"]', /version 1/],
  ['gocker/gocker.toml', '[registries]\nmirror = []', /registries: mirror is not known/],
  ['gocker/gocker.toml', '[registries]\nmirrors = "x"', /mirrors is not a list of texts/],
]

for (const [file, text, message] of MISTAKES)
  test(`${file} with ${JSON.stringify(text)} is refused`, async (t) => {
    await assert.rejects(brief('debian', home(t, { [file]: text })), { code: 'INVALID_OPTION', message })
  })
