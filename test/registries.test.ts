import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import {
  buildTar,
  type Certificate,
  gocker,
  type ImageLayout,
  imageLayout,
  inspectWithSkopeo,
  makeAuthority,
  pushLayout,
  type Registry,
  startRegistry,
  temporaryDirectory,
} from '@gocker/testkit'
import { failedWith, succeeded } from './support/pulling.ts'

let registry: Registry
before(async () => {
  registry = await startRegistry()
})
after(() => registry.stop())

let count = 0
async function pushed(t: TestContext, name: string): Promise<ImageLayout> {
  const layout = imageLayout(temporaryDirectory(t), { layers: [buildTar([{ name: 'file', content: `${++count}` }])] })
  await pushLayout(layout, `${registry.url}/${name}`)
  return layout
}

/** A home with settings below `.config`. */
function home(t: TestContext, name: string, text: string): string {
  const root = temporaryDirectory(t)
  const path = join(root, '.config', name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return root
}

test('registries.conf: a mirror is asked first, for gocker as for skopeo; what it lacks is nowhere else', async (t) => {
  const layout = await pushed(t, 'mirrored/o/x:1')
  const mirror = `${registry.host}/mirrored`
  const conf = `[[registry]]\nlocation = "absent.invalid"\n[[registry.mirror]]\nlocation = "${mirror}"\ninsecure = true\n`
  const root = home(t, 'containers/registries.conf', conf)
  const { stdout } = succeeded(await gocker(['pull', '-q', 'absent.invalid/o/x:1'], { root }))
  assert.equal(stdout.trim(), layout.descriptor.digest)
  const env = { PATH: process.env.PATH, HOME: root }
  const { Digest } = JSON.parse(
    execFileSync('skopeo', ['inspect', '--no-tags', 'docker://absent.invalid/o/x:1'], { env, encoding: 'utf8' }),
  ) as {
    Digest: string
  }
  assert.equal(Digest, layout.descriptor.digest)
  failedWith(await gocker(['pull', 'absent.invalid/o/y:1'], { root }), /absent\.invalid: the host name/)
})

test('registries.conf: another location is pulled from, pushed to and copied to', async (t) => {
  const layout = await pushed(t, 'moved/x:1')
  const root = home(t, 'containers/registries.conf', `[[registry]]\nprefix = "old.invalid/o"\nlocation = "${registry.host}/moved"\n`)
  succeeded(await gocker(['pull', 'old.invalid/o/x:1'], { root }))
  succeeded(await gocker(['tag', 'old.invalid/o/x:1', 'old.invalid/o/pushed:1'], { root }))
  succeeded(await gocker(['push', 'old.invalid/o/pushed:1'], { root }))
  succeeded(await gocker(['copy', 'docker://old.invalid/o/x:1', 'docker://old.invalid/o/copied:1'], { root }))
  for (const name of ['pushed', 'copied'])
    assert.equal((await inspectWithSkopeo(`docker://${registry.host}/moved/${name}:1`)).Digest, layout.descriptor.digest)
})

/** Addresses of 127.0.0.0/8 need no certificate; this one leads there, too, and is none of them. */
function elsewhere(host: string): string {
  return host.replace('127.0.0.1', '0.0.0.0')
}

test('what is called insecure needs no TLS, in either file; what is blocked is not asked', async (t) => {
  await pushed(t, 'plain:1')
  const host = elsewhere(registry.host)
  const name = `${host}/plain:1`
  failedWith(await gocker(['pull', name]), /does not speak TLS/)
  for (const root of [
    home(t, 'containers/registries.conf', `[[registry]]\nlocation = "${host}"\ninsecure = true\n`),
    home(t, 'gocker/gocker.toml', `[registries]\ninsecure = ["${host}"]\n`),
  ])
    succeeded(await gocker(['pull', name], { root }))
  const blocked = home(t, 'containers/registries.conf', `[[registry]]\nlocation = "${host}"\nblocked = true\n`)
  failedWith(await gocker(['pull', name], { root: blocked }), /registries\.conf blocks/)
  failedWith(await gocker(['pull', name], { root: home(t, 'gocker/gocker.toml', '[registry]\n') }), /registry is not known/)
})

/** Puts files into the directory of a host's certificates. */
function trusting(t: TestContext, host: string, files: Readonly<Record<string, string>>): string {
  const root = temporaryDirectory(t)
  const directory = join(root, '.config/containers/certs.d', host)
  mkdirSync(directory, { recursive: true })
  for (const [name, source] of Object.entries(files)) copyFileSync(source, join(directory, name))
  return root
}

test('certs.d: an authority of the host is trusted, and its certificate must still be for the host', async (t) => {
  const authority = makeAuthority(temporaryDirectory(t))
  await using secured = await startRegistry({ tls: authority.issue('registry') })
  const host = elsewhere(secured.host)
  failedWith(await gocker(['pull', `${host}/x`]), /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/)
  const root = trusting(t, host, { 'ca.crt': authority.certificateFile })
  failedWith(await gocker(['pull', `${host}/x`], { root }), /ERR_TLS_CERT_ALTNAME_INVALID/)
})

/** A registry that knows whom it talks to by his certificate, and has nothing. */
async function strictServer(t: TestContext, authority: Certificate, { certificate, key }: Certificate): Promise<string> {
  const options = { cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true }
  const server = createServer(options, (_request, response) => response.end('{}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('certs.d: a certificate says who asks', async (t) => {
  const authority = makeAuthority(temporaryDirectory(t))
  const client = authority.issue('client')
  const host = await strictServer(t, authority, authority.issue('server'))
  const words = ['login', '-u', 'alice', '-p', 'secret', host]
  failedWith(await gocker(words), /127\.0\.0\.1/)
  succeeded(await gocker(words, { root: trusting(t, host, { 'client.cert': client.certificateFile, 'client.key': client.keyFile }) }))
  const lacking = trusting(t, host, { 'client.cert': client.certificateFile })
  failedWith(await gocker(words, { root: lacking }), /client\.key: ENOENT/)
})

test('gocker.toml says how layers are compressed when they leave', async (t) => {
  const root = home(t, 'gocker/gocker.toml', '[push]\ncompression = "zstd:3"\n')
  const name = `${registry.host}/compressed:1`
  succeeded(await gocker(['import', '-', name], { root, input: buildTar([{ name: 'x', content: 'x'.repeat(1000) }]) }))
  succeeded(await gocker(['push', name], { root }))
  const { layers } = (await inspectWithSkopeo(`docker://${name}`, '--raw')) as { layers: { mediaType: string }[] }
  assert.match(layers[0]?.mediaType ?? '', /\+zstd$/)
})

test("a name without a registry is Docker Hub's; what registries.conf means by it is said", async (t) => {
  const hub = `[[registry]]\nprefix = "docker.io"\nlocation = "${registry.host}/hub"\n`
  const text = `unqualified-search-registries = ["docker.io", "quay.example"]\n${hub}[aliases]\n"tool" = "ghcr.example/owner/tool"\n`
  const root = home(t, 'containers/registries.conf', text)
  const aliased = await gocker(['pull', 'tool:1'], { root })
  failedWith(aliased, /not found/)
  assert.match(aliased.stderr, /hint: .*elsewhere: ghcr\.example\/owner\/tool:1\n/)
  assert.match((await gocker(['pull', 'owner/thing'], { root })).stderr, /elsewhere: quay\.example\/owner\/thing\n/)
  assert.doesNotMatch((await gocker(['pull', 'docker.io/library/tool:1'], { root })).stderr, /elsewhere/)
})
