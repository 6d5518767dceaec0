import assert from 'node:assert/strict'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { credentialsFromFiles } from './find-credentials.ts'

const ALICE = { kind: 'password', username: 'alice', password: 'p:w' }
const auth = Buffer.from('alice:p:w').toString('base64')

async function home(t: TestContext, config: unknown): Promise<{ HOME: string; PATH: string }> {
  const HOME = temporaryDirectory(t)
  await mkdir(join(HOME, '.docker'))
  await writeFile(join(HOME, '.docker/config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  return { HOME, PATH: `${HOME}:${process.env.PATH}` }
}

/** A helper that notes what it is asked for. */
async function helper({ HOME }: { HOME: string }, name: string, script: string): Promise<() => Promise<string>> {
  const path = join(HOME, `docker-credential-${name}`)
  await writeFile(path, `#!/bin/sh\nread -r url\necho "$1 $url" >> ${HOME}/asked\n${script}\n`)
  await chmod(path, 0o755)
  return async () => (await readFile(join(HOME, 'asked'), 'utf8')).trim()
}

const KEYS: [key: string, registry: string, repository: string, fits: boolean][] = [
  ['https://index.docker.io/v1/', 'docker.io', 'library/debian', true],
  ['docker.io', 'docker.io', 'library/debian', true],
  ['registry-1.docker.io', 'docker.io', 'library/debian', true],
  ['ghcr.io', 'ghcr.io', 'o/i', true],
  ['https://ghcr.io', 'ghcr.io', 'o/i', true],
  ['https://ghcr.io/v1/', 'ghcr.io', 'o/i', true],
  ['http://localhost:5000/', 'localhost:5000', 'x', true],
  ['ghcr.io/o', 'ghcr.io', 'o/i', true],
  ['ghcr.io/other', 'ghcr.io', 'o/i', false],
  ['localhost', 'localhost:5000', 'x', false],
  ['ghcr.io.evil.example', 'ghcr.io', 'o/i', false],
  ['docker.io', 'ghcr.io', 'o/i', false],
]

for (const [key, registry, repository, fits] of KEYS)
  test(`the key ${key} is ${fits ? '' : 'not '}for ${registry}/${repository}`, async (t) => {
    const find = credentialsFromFiles(await home(t, { auths: { [key]: { auth } } }))
    assert.deepEqual(await find(registry, repository), fits ? ALICE : undefined)
  })

test('the key that names more of the path wins', async (t) => {
  const find = credentialsFromFiles(
    await home(t, { auths: { 'ghcr.io': { username: 'all', password: '1' }, 'ghcr.io/o': { username: 'o', password: '2' } } }),
  )
  assert.deepEqual(await find('ghcr.io', 'o/i'), { kind: 'password', username: 'o', password: '2' })
  assert.deepEqual(await find('ghcr.io', 'p/i'), { kind: 'password', username: 'all', password: '1' })
})

test('identity tokens, registry tokens, and an entry that a helper left empty', async (t) => {
  const auths = { 'a.io': { auth, identitytoken: 'refresh' }, 'b.io': { registrytoken: 'bearer' }, 'c.io': {} }
  const find = credentialsFromFiles(await home(t, { auths }))
  assert.deepEqual(await find('a.io', 'x'), { kind: 'identity-token', token: 'refresh' })
  assert.deepEqual(await find('b.io', 'x'), { kind: 'registry-token', token: 'bearer' })
  assert.equal(await find('c.io', 'x'), undefined)
})

test('files are looked at from the most explicit on, and may be missing', async (t) => {
  const directory = temporaryDirectory(t)
  const named = join(directory, 'named.json')
  const runtime = join(directory, 'run')
  await mkdir(join(runtime, 'containers'), { recursive: true })
  const entry = (username: string) => ({ username, password: 'x' })
  await writeFile(named, JSON.stringify({ auths: { 'a.io': entry('named') } }))
  await writeFile(join(runtime, 'containers/auth.json'), JSON.stringify({ auths: { 'a.io': entry('runtime'), 'b.io': entry('runtime') } }))
  const { HOME } = await home(t, { auths: { 'a.io': entry('docker'), 'b.io': entry('docker'), 'c.io': entry('docker') } })
  const who = async (environment: NodeJS.ProcessEnv, registry: string) => {
    const found = await credentialsFromFiles(environment)(registry, 'x')
    return found?.kind === 'password' ? found.username : undefined
  }
  const all = { REGISTRY_AUTH_FILE: named, HOME, XDG_RUNTIME_DIR: runtime }
  assert.deepEqual(await Promise.all([who(all, 'a.io'), who(all, 'b.io'), who(all, 'd.io')]), ['named', 'docker', undefined])
  assert.equal(await who({ HOME: directory, XDG_RUNTIME_DIR: runtime }, 'a.io'), 'runtime')
  assert.equal(await who({ HOME: directory, DOCKER_CONFIG: join(HOME, '.docker') }, 'c.io'), 'docker')
})

test('a helper named for the registry is asked before the store of all', async (t) => {
  const environment = await home(t, { credsStore: 'all', credHelpers: { 'gcr.io': 'one' } })
  await helper(environment, 'all', 'echo \'{"Username":"all","Secret":"s"}\'')
  const asked = await helper(environment, 'one', 'echo \'{"ServerURL":"gcr.io","Username":"<token>","Secret":"refresh"}\'')
  const find = credentialsFromFiles(environment)
  assert.deepEqual(await find('gcr.io', 'x'), { kind: 'identity-token', token: 'refresh' })
  assert.deepEqual(await find('docker.io', 'library/x'), { kind: 'password', username: 'all', password: 's' })
  assert.equal(await asked(), 'get gcr.io\nget https://index.docker.io/v1/')
})

test('a helper that has nothing leaves it to the file', async (t) => {
  const environment = await home(t, { credsStore: 'none', auths: { 'a.io': { auth } } })
  await helper(environment, 'none', 'echo "credentials not found in native keychain"; exit 1')
  assert.deepEqual(await credentialsFromFiles(environment)('a.io', 'x'), ALICE)
  assert.equal(await credentialsFromFiles(environment)('b.io', 'x'), undefined)
})

test('a helper that fails, is missing or talks nonsense is named, and what it said is not', async (t) => {
  const scripts = ['echo "secret: locked"; exit 1', 'echo secret', 'echo \'{"Secret":"secret"}\'']
  for (const script of scripts) {
    const environment = await home(t, { credsStore: 'bad' })
    await helper(environment, 'bad', script)
    await assert.rejects(credentialsFromFiles(environment)('a.io', 'x'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'BAD_CREDENTIALS')
      assert.match(error.message, /docker-credential-bad .*a\.io/)
      return !error.message.includes('secret')
    })
  }
  const find = (credsStore: string) => home(t, { credsStore }).then((environment) => credentialsFromFiles(environment)('a.io', 'x'))
  await assert.rejects(find('missing-one'), { code: 'BAD_CREDENTIALS', message: /not installed/ })
  await assert.rejects(find('../../bin/sh'), { code: 'BAD_CREDENTIALS', message: /not the name of a helper/ })
})

test('a file that is not JSON, or whose auth is no pair, is an error without its content', async (t) => {
  for (const config of ['{"auths": {"a.io": {"auth": "c2VjcmV0"', { auths: { 'a.io': { auth: 'c2VjcmV0' } } }])
    await assert.rejects(credentialsFromFiles(await home(t, config))('a.io', 'x'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'BAD_CREDENTIALS')
      return !/secret|c2VjcmV0/.test(error.message + String(error.cause))
    })
})
