import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import {
  buildTar,
  gocker,
  gockerTerminal,
  imageLayout,
  makeAuthority,
  pushWithSkopeo,
  type Registry,
  startRegistry,
  startTokenServer,
  temporaryDirectory,
} from '@gocker/testkit'
import { failedWith, succeeded } from './support/pulling.ts'

const PASSWORD = 'correct horse'
const WRONG = 'battery staple'
const AUTH = Buffer.from(`alice:${PASSWORD}`).toString('base64')
let registry: Registry
before(async () => {
  registry = await startRegistry({ auth: { kind: 'basic', users: { alice: PASSWORD } } })
})
after(() => registry.stop())

function logIn(root: string, ...words: string[]) {
  return gocker(['login', '-u', 'alice', '--password-stdin', ...words], { root, input: `${PASSWORD}\n` })
}

function configOf(root: string): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(join(root, '.docker/config.json'), 'utf8')) as never
}

test('who logs in may pull, and so may podman and skopeo; who logs out may not', async (t) => {
  const root = temporaryDirectory(t)
  const layout = imageLayout(temporaryDirectory(t), { layers: [buildTar([{ name: 'file', content: 'x' }])] })
  await pushWithSkopeo(layout, `${registry.host}/x:v1`, { creds: `alice:${PASSWORD}` })
  const { stdout, stderr } = succeeded(await logIn(root, registry.host))
  assert.equal(stdout, 'Login Succeeded\n')
  assert.match(stderr, /unencrypted in .*config\.json/)
  assert.deepEqual(configOf(root), { auths: { [registry.host]: { auth: AUTH } } })
  assert.equal(statSync(join(root, '.docker/config.json')).mode & 0o777, 0o600)
  const inspect = ['--authfile', join(root, '.docker/config.json'), '--tls-verify=false', `docker://${registry.host}/x:v1`]
  execFileSync('skopeo', ['inspect', ...inspect], { stdio: 'pipe' })
  succeeded(await gocker(['pull', `${registry.host}/x:v1`], { root }))
  assert.equal(succeeded(await gocker(['login', '--get-login', registry.host], { root })).stdout, 'alice\n')
  assert.equal(succeeded(await gocker(['logout', registry.host], { root })).stdout, `Removed the login for ${registry.host}\n`)
  assert.deepEqual(configOf(root), { auths: {} })
  failedWith(await gocker(['pull', `${registry.host}/x:v1`], { root }), /a user and a password/)
  assert.match(succeeded(await gocker(['logout', registry.host], { root })).stdout, /^Not logged in/)
})

test('a login of podman is taken, and podman takes ours', async (t) => {
  const root = temporaryDirectory(t)
  const authfile = join(root, 'auth.json')
  execFileSync('podman', ['login', '--authfile', authfile, '--tls-verify=false', '-u', 'alice', '-p', PASSWORD, registry.host], {
    stdio: 'pipe',
  })
  const again = succeeded(await gocker(['login', '--authfile', authfile, registry.host], { root }))
  assert.match(again.stderr, /Logging in as alice, as before/)
  succeeded(await logIn(root, '--authfile', authfile, registry.host))
  const who = execFileSync('podman', ['login', '--authfile', authfile, '--get-login', registry.host], { encoding: 'utf8' })
  assert.equal(who, 'alice\n')
})

test('two who log in at once are both kept', async (t) => {
  const root = temporaryDirectory(t)
  const names = [registry.host, registry.host.replace('127.0.0.1', 'localhost')]
  for (const result of await Promise.all(names.map((name) => logIn(root, name)))) succeeded(result)
  assert.deepEqual(Object.keys(configOf(root).auths ?? {}).sort(), names.sort())
})

test('a wrong password is not kept, and not said', async (t) => {
  const root = temporaryDirectory(t)
  const refused = await gocker(['login', '-u', 'alice', '--password-stdin', registry.host], { root, input: WRONG })
  failedWith(refused, /logging in at 127\.0\.0\.1:\d+: it does not accept/)
  assert.ok(!refused.stderr.includes(WRONG))
  assert.throws(() => configOf(root), { code: 'ENOENT' })
})

test('token servers are asked, behind TLS with an own authority', async (t) => {
  await using tokens = await startTokenServer({ users: { alice: { password: PASSWORD } } })
  await using secured = await startRegistry({ auth: tokens.auth, tls: makeAuthority(temporaryDirectory(t)).issue('registry') })
  const root = temporaryDirectory(t)
  succeeded(await logIn(root, `https://${secured.host}/v1/`))
  assert.deepEqual(Object.keys(configOf(root).auths ?? {}), [secured.host])
  failedWith(await gocker(['login', '-u', 'alice', '-p', WRONG, secured.host], { root }), /does not accept/)
})

test('what else is in the file stays, and a link stays a link', async (t) => {
  const root = temporaryDirectory(t)
  mkdirSync(join(root, '.docker'))
  writeFileSync(join(root, 'real.json'), JSON.stringify({ auths: { 'ghcr.io': { auth: AUTH } }, psFormat: 'x' }))
  symlinkSync('../real.json', join(root, '.docker/config.json'))
  succeeded(await logIn(root, registry.host))
  assert.deepEqual(JSON.parse(readFileSync(join(root, 'real.json'), 'utf8')), {
    auths: { 'ghcr.io': { auth: AUTH }, [registry.host]: { auth: AUTH } },
    psFormat: 'x',
  })
  writeFileSync(join(root, 'real.json'), 'broken')
  failedWith(await logIn(root, registry.host), /not JSON/)
  assert.equal(readFileSync(join(root, 'real.json'), 'utf8'), 'broken')
})

/** A credential helper that keeps in a file what it is given. */
function helperPath(t: TestContext): { PATH: string; kept: string } {
  const directory = temporaryDirectory(t)
  const kept = join(directory, 'kept')
  const script = `case "$1" in store) cat > ${kept};; get) cat ${kept} 2>/dev/null || { echo credentials not found in native keychain; exit 1; };; erase) rm ${kept};; esac`
  writeFileSync(join(directory, 'docker-credential-tests'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(directory, 'docker-credential-tests'), 0o755)
  return { PATH: `${directory}:${process.env.PATH}`, kept }
}

test('a credential helper keeps the password in the place of the file', async (t) => {
  const root = temporaryDirectory(t)
  const { PATH, kept } = helperPath(t)
  mkdirSync(join(root, '.docker'))
  writeFileSync(join(root, '.docker/config.json'), JSON.stringify({ credsStore: 'tests' }))
  const words = ['login', '-u', 'alice', '-p', PASSWORD, registry.host]
  const { stderr } = succeeded(await gocker(words, { root, env: { PATH } }))
  assert.ok(!stderr.includes('unencrypted'))
  assert.deepEqual(JSON.parse(readFileSync(kept, 'utf8')), { ServerURL: registry.host, Username: 'alice', Secret: PASSWORD })
  assert.deepEqual(configOf(root), { credsStore: 'tests', auths: { [registry.host]: {} } })
  succeeded(await gocker(['logout', registry.host], { root, env: { PATH } }))
  assert.throws(() => readFileSync(kept), { code: 'ENOENT' })
})

test('a terminal is asked, and does not show the password', async (t) => {
  await using terminal = await gockerTerminal(['login', registry.host], { root: temporaryDirectory(t) })
  await terminal.waitFor(/Username: ?$/m)
  await terminal.type('alicf')
  await terminal.press('BSpace')
  await terminal.type('e\n')
  await terminal.waitFor(/Password: ?$/m)
  await terminal.type(`${PASSWORD}\n`)
  const screen = await terminal.waitFor(/Login Succeeded/)
  assert.match(screen, /Username: alice/)
  assert.ok(!screen.includes('horse'), screen)
})

test('Ctrl-C at the question ends it', async (t) => {
  await using terminal = await gockerTerminal(['login', '-u', 'alice', registry.host], { root: temporaryDirectory(t) })
  await terminal.waitFor(/Password: ?$/m)
  await terminal.press('C-c')
  assert.deepEqual(await terminal.exited(), { code: 130, signal: undefined })
})

test('what cannot be asked or understood is refused', async (t) => {
  const root = temporaryDirectory(t)
  failedWith(await gocker(['login', registry.host], { root }), /no terminal to ask on/)
  failedWith(await gocker(['login', '--password-stdin', registry.host], { root, input: 'x' }), /needs --username/)
  failedWith(await gocker(['login', '-u', 'a', '--password-stdin', registry.host], { root, input: '' }), /must not be empty/)
  failedWith(await logIn(root, 'ghcr.io/owner'), /not a host name/)
  failedWith(await gocker(['logout', 'nodots'], { root }), /not a host name/)
})
