import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  buildTar,
  gocker,
  type ImageLayout,
  imageLayout,
  makeAuthority,
  pushWithSkopeo,
  startFaultProxy,
  startRegistry,
  startTokenServer,
  temporaryDirectory,
} from '@gocker/testkit'
import { failedWith, NOTHING, storeContents, succeeded } from './support/pulling.ts'

const PASSWORD = 'correct horse'
const WRONG = 'battery staple'

function image(t: TestContext, layers = 2): ImageLayout {
  const tars = Array.from({ length: layers }, (_, index) => buildTar([{ name: `file-${index}`, content: String(index).repeat(100_000) }]))
  return imageLayout(temporaryDirectory(t), { layers: tars, compression: 'none' })
}

/** A directory for `DOCKER_CONFIG`. */
function dockerConfig(t: TestContext, config: object): { DOCKER_CONFIG: string } {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config))
  return { DOCKER_CONFIG: directory }
}

function auths(host: string, password: string) {
  return { auths: { [host]: { auth: Buffer.from(`alice:${password}`).toString('base64') } } }
}

test('tokens: a user is let in, a stranger and a wrong password are not, whoever may pull without a name is', async (t) => {
  await using tokens = await startTokenServer({
    users: { alice: { password: PASSWORD } },
    anonymous: [{ repository: 'open/*', actions: ['pull'] }],
  })
  await using registry = await startRegistry({ auth: tokens.auth })
  const layout = image(t)
  for (const name of ['closed/x', 'open/x']) await pushWithSkopeo(layout, `${registry.host}/${name}:v1`, { creds: `alice:${PASSWORD}` })
  const root = temporaryDirectory(t)
  succeeded(await gocker(['pull', `${registry.host}/open/x:v1`], { root: temporaryDirectory(t) }))
  const stranger = await gocker(['pull', `${registry.host}/closed/x:v1`], { root })
  failedWith(stranger, /closed\/x/)
  assert.match(stranger.stderr, /hint: .*login/)
  const liar = await gocker(['pull', `${registry.host}/closed/x:v1`], { root, env: dockerConfig(t, auths(registry.host, WRONG)) })
  failedWith(liar, /not authorized/)
  assert.ok(!liar.stderr.includes(WRONG) && !liar.stderr.includes(Buffer.from(`alice:${WRONG}`).toString('base64')), liar.stderr)
  assert.deepEqual(await storeContents(root), NOTHING)
  succeeded(await gocker(['pull', `${registry.host}/closed/x:v1`], { root, env: dockerConfig(t, auths(registry.host, PASSWORD)) }))
})

test('tokens that expire while layers arrive are renewed', async (t) => {
  const options = { users: { alice: { password: PASSWORD } }, ttlSeconds: 300, expiresIn: 300 }
  await using tokens = await startTokenServer(options)
  await using registry = await startRegistry({ auth: tokens.auth })
  await pushWithSkopeo(image(t, 5), `${registry.host}/x:v1`, { creds: `alice:${PASSWORD}` })
  options.ttlSeconds = 1
  await using slow = await startFaultProxy(registry.url, { faults: [{ path: /blobs/, kind: 'slow', bytesPerSecond: 100_000 }] })
  succeeded(await gocker(['pull', `${slow.host}/x:v1`], { env: dockerConfig(t, auths(slow.host, PASSWORD)) }))
  assert.ok(
    slow.requests.some(({ path, status }) => path.includes('/blobs/') && status === 401),
    'a token expired on the way',
  )
})

test('basic authentication from config.json, and by a credential helper', async (t) => {
  await using registry = await startRegistry({ auth: { kind: 'basic', users: { alice: PASSWORD } } })
  await pushWithSkopeo(image(t), `${registry.host}/x:v1`, { creds: `alice:${PASSWORD}` })
  const name = `${registry.host}/x:v1`
  failedWith(await gocker(['pull', name]), /127\.0\.0\.1/)
  failedWith(await gocker(['pull', name], { env: dockerConfig(t, auths(registry.host, WRONG)) }), /127\.0\.0\.1/)
  succeeded(await gocker(['pull', name], { env: dockerConfig(t, auths(registry.host, PASSWORD)) }))
  succeeded(await gocker(['pull', name], { env: dockerConfig(t, auths(`http://${registry.host}/v1/`, PASSWORD)) }))
  const PATH = helperPath(t, `{"ServerURL":"${registry.host}","Username":"alice","Secret":"${PASSWORD}"}`)
  succeeded(await gocker(['pull', name], { env: { PATH, ...dockerConfig(t, { credHelpers: { [registry.host]: 'tests' } }) } }))
  succeeded(await gocker(['pull', name], { env: { PATH, ...dockerConfig(t, { credsStore: 'tests' }) } }))
  const absent = await gocker(['pull', name], { env: dockerConfig(t, { credHelpers: { [registry.host]: 'not-there' } }) })
  failedWith(absent, /docker-credential-not-there/)
})

/** A PATH with a `docker-credential-tests` that answers so when it is asked to get. */
function helperPath(t: TestContext, answer: string): string {
  const directory = join(temporaryDirectory(t), 'bin')
  mkdirSync(directory)
  const file = join(directory, 'docker-credential-tests')
  writeFileSync(file, `#!/bin/sh\n[ "$1" = get ] && [ -n "$(cat)" ] && printf '%s' '${answer}'\n`)
  chmodSync(file, 0o755)
  return `${directory}:${process.env.PATH}`
}

test('a config.json that is no JSON is named', async (t) => {
  await using registry = await startRegistry({ auth: { kind: 'basic', users: { alice: PASSWORD } } })
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'config.json'), '{ "auths": ')
  failedWith(await gocker(['pull', `${registry.host}/x`], { env: { DOCKER_CONFIG: directory } }), /config\.json/)
})

/** Addresses of 127.0.0.0/8 may have any certificate; this one leads there too, and is none of them. */
function notLoopback(host: string): string {
  return host.replace('127.0.0.1', '0.0.0.0')
}

test('a certificate of an unknown authority is refused, and accepted with --insecure', async (t) => {
  const authority = makeAuthority(temporaryDirectory(t))
  await using registry = await startRegistry({ tls: authority.issue('registry') })
  await pushWithSkopeo(image(t), `${registry.host}/x:v1`)
  succeeded(await gocker(['pull', `${registry.host}/x:v1`]))
  const name = `${notLoopback(registry.host)}/x:v1`
  const root = temporaryDirectory(t)
  const refused = await gocker(['pull', name], { root })
  failedWith(refused, /certificate of the server is not trusted/)
  assert.match(refused.stderr, /hint: .*NODE_EXTRA_CA_CERTS.*--insecure/)
  const known = { NODE_EXTRA_CA_CERTS: authority.certificateFile }
  failedWith(
    await gocker(['pull', name], { root, env: known }),
    /certificate of the server is not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
  )
  assert.deepEqual(await storeContents(root), NOTHING)
  succeeded(await gocker(['pull', '--insecure', name], { root }))
})

test('plain http is spoken with a registry elsewhere only with --insecure', async (t) => {
  await using registry = await startRegistry()
  await pushWithSkopeo(image(t), `${registry.host}/x:v1`)
  const name = `${notLoopback(registry.host)}/x:v1`
  const refused = await gocker(['pull', name])
  failedWith(refused, /does not speak TLS/)
  assert.match(refused.stderr, /hint: .*--insecure/)
  succeeded(await gocker(['pull', '--insecure', name]))
})
