import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { buildTar, gocker, imageLayout, pushLayout, type Registry, startRegistry, temporaryDirectory } from '@gocker/testkit'
import { failedWith, succeeded } from './support/pulling.ts'
import { putBlob, putManifest } from './support/putting.ts'

let registry: Registry
before(async () => {
  registry = await startRegistry()
})
after(() => registry.stop())

const OURS = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const THEIRS = generateKeyPairSync('ec', { namedCurve: 'P-256' })

function keyFile(t: TestContext, key: KeyObject = OURS.publicKey): string {
  const file = join(temporaryDirectory(t), 'cosign.pub')
  writeFileSync(file, key.export({ type: 'spki', format: 'pem' }))
  return file
}

let count = 0
async function pushed(t: TestContext): Promise<{ repository: string; name: string; digest: string }> {
  const layout = imageLayout(temporaryDirectory(t), { layers: [buildTar([{ name: 'file', content: `${++count}` }])] })
  const path = `signed/image-${count}`
  await pushLayout(layout, `${registry.url}/${path}:1`)
  return { repository: `${registry.url}/v2/${path}`, name: `${registry.host}/${path}`, digest: layout.descriptor.digest }
}

interface Signature {
  readonly name: string
  readonly digest: string
  readonly key?: KeyObject
  readonly optional?: object
  readonly type?: string
}

/** Lays signatures beside an image as cosign does. */
async function signed(repository: string, digest: string, ...signatures: readonly Signature[]): Promise<void> {
  const layers = []
  for (const { name, digest, key = OURS.privateKey, optional, type = 'cosign container image signature' } of signatures) {
    const critical = { identity: { 'docker-reference': name }, image: { 'docker-manifest-digest': digest }, type }
    const payload = JSON.stringify({ critical, optional: optional ?? null })
    const annotations = {
      'dev.cosignproject.cosign/signature': sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(payload), key).toString(
        'base64',
      ),
    }
    layers.push({ ...(await putBlob(repository, payload, 'application/vnd.dev.cosign.simplesigning.v1+json')), annotations })
  }
  const config = await putBlob(repository, '{}', 'application/vnd.oci.image.config.v1+json')
  const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers }
  await putManifest(repository, `${digest.replace(':', '-')}.sig`, JSON.stringify(manifest))
}

test("a signature of the key holds for the image's digest, beside one of another key", async (t) => {
  const { repository, name, digest } = await pushed(t)
  await signed(repository, digest, { name, digest, key: THEIRS.privateKey }, { name, digest, optional: { env: 'production' } })
  const key = keyFile(t)
  const { stdout } = succeeded(await gocker(['verify', '--key', key, `${name}:1`]))
  assert.equal(stdout, `${name}@${digest}\n`)
  const shown = succeeded(await gocker(['verify', '--key', key, '--json', '-a', 'env=production', `${name}:1`]))
  const payloads = JSON.parse(shown.stdout) as { optional: unknown }[]
  assert.deepEqual(
    payloads.map(({ optional }) => optional),
    [{ env: 'production' }],
  )
  failedWith(await gocker(['verify', '--key', key, '-a', 'env=test', `${name}:1`]), /no signature of it holds/)
})

test('keys of other kinds', async (t) => {
  for (const pair of [generateKeyPairSync('ed25519'), generateKeyPairSync('rsa', { modulusLength: 2048 })]) {
    const { repository, name, digest } = await pushed(t)
    await signed(repository, digest, { name, digest, key: pair.privateKey })
    succeeded(await gocker(['verify', '--key', keyFile(t, pair.publicKey), `${name}:1`]))
    failedWith(await gocker(['verify', '--key', keyFile(t), `${name}:1`]), /no signature of it holds/)
  }
})

test('what is signed by others, or for something else, does not count', async (t) => {
  const other = `sha256:${'0'.repeat(64)}`
  const wrong: Readonly<Record<string, (image: { name: string; digest: string }) => Signature>> = {
    'not made with this key': ({ name, digest }) => ({ name, digest, key: THEIRS.privateKey }),
    'it is for "sha256:0000': ({ name }) => ({ name, digest: other }),
    'it was made for "ghcr\\.io/else/where"': ({ digest }) => ({ name: 'ghcr.io/else/where', digest }),
    'of the type "attestation"': ({ name, digest }) => ({ name, digest, type: 'attestation' }),
  }
  for (const [why, signature] of Object.entries(wrong)) {
    const { repository, name, digest } = await pushed(t)
    await signed(repository, digest, signature({ name, digest }))
    const refused = await gocker(['verify', '--key', keyFile(t), `${name}:1`])
    failedWith(refused, /no signature of it holds/)
    assert.match(refused.stderr, new RegExp(why))
    const isElsewhere = why.startsWith('it was made for')
    if (isElsewhere) succeeded(await gocker(['verify', '--any-repository', '--key', keyFile(t), `${name}:1`]))
  }
})

test('no signature, and no key', async (t) => {
  const { name } = await pushed(t)
  failedWith(await gocker(['verify', '--key', keyFile(t), `${name}:1`]), /it has no signature/)
  failedWith(await gocker(['verify', '--key', keyFile(t), `${name}:2`]), /not found/)
  const file = join(temporaryDirectory(t), 'key')
  writeFileSync(file, 'no key')
  failedWith(await gocker(['verify', '--key', file, `${name}:1`]), /reading the public key/)
  failedWith(await gocker(['verify', '--key', `${file}x`, `${name}:1`]), /no such file/)
})
