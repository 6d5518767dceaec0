import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { buildTar, gocker, imageLayout, pushLayout, type Registry, startRegistry, temporaryDirectory } from '@gocker/testkit'
import { failedWith, succeeded } from './support/pulling.ts'
import { putBlob, putManifest, sha256 } from './support/putting.ts'

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

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const SIGN = 'https://sigstore.dev/cosign/sign/v1'

interface Statement {
  readonly digest: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly predicateType?: string
}

/** As cosign says it of an image. */
function statement({ digest, annotations, predicateType = SIGN }: Statement): string {
  const subject = [{ digest: { sha256: digest.slice('sha256:'.length) }, ...(annotations !== undefined && { annotations }) }]
  return JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate: {} })
}

/** An envelope's signature is over its type and its payload, each with its length before it. */
function dsse(payload: string, { key = OURS.privateKey, payloadType = 'application/vnd.in-toto+json' } = {}) {
  const signed = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${Buffer.byteLength(payload)} ${payload}`)
  const sig = sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', signed, key).toString('base64')
  return { dsseEnvelope: { payload: Buffer.from(payload).toString('base64'), payloadType, signatures: [{ sig }] } }
}

const BY_KEY = { publicKey: { hint: 'of no use' } }

/** What is written of a log that nobody asks. */
const LOGGED = {
  ...BY_KEY,
  tlogEntries: [
    {
      logIndex: '1',
      logId: { keyId: Buffer.alloc(32).toString('base64') },
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: '1700000000',
      inclusionProof: {
        logIndex: '1',
        rootHash: Buffer.alloc(32).toString('base64'),
        treeSize: '2',
        hashes: [],
        checkpoint: { envelope: 'rekor.example\n2\n' },
      },
      canonicalizedBody: Buffer.from('{}').toString('base64'),
    },
  ],
}

function bundle(content: object, verificationMaterial: object = BY_KEY): string {
  return JSON.stringify({ mediaType: BUNDLE, verificationMaterial, ...content })
}

/** Lays bundles beside an image as cosign does, for a registry that keeps no list of referrers by itself. */
async function attached(repository: string, digest: string, ...bundles: readonly string[]): Promise<void> {
  const config = { ...(await putBlob(repository, '{}')), mediaType: 'application/vnd.oci.empty.v1+json' }
  const manifests = []
  for (const [at, each] of bundles.entries()) {
    const layers = [await putBlob(repository, each, BUNDLE)]
    const subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 1 }
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType, artifactType: BUNDLE, config, layers, subject })
    await putManifest(repository, `referrer-${at}`, manifest)
    manifests.push({ mediaType, digest: sha256(manifest), size: Buffer.byteLength(manifest), artifactType: BUNDLE })
  }
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }
  await putManifest(repository, digest.replace(':', '-'), JSON.stringify(index))
}

test("a bundle that refers to the image holds, whatever a log would say, beside strangers' and broken ones", async (t) => {
  const { repository, name, digest } = await pushed(t)
  const ours = bundle(dsse(statement({ digest, annotations: { env: 'production' } })), LOGGED)
  await attached(repository, digest, 'no bundle', bundle(dsse(statement({ digest }), { key: THEIRS.privateKey })), ours)
  const key = keyFile(t)
  const { stdout } = succeeded(await gocker(['verify', '--key', key, `${name}:1`]))
  assert.equal(stdout, `${name}@${digest}\n`)
  const shown = succeeded(await gocker(['verify', '--key', key, '--json', '-a', 'env=production', `${name}:1`]))
  const identity = { 'docker-reference': `${name}@${digest}` }
  const critical = { identity, image: { 'docker-manifest-digest': digest }, type: SIGN }
  assert.deepEqual(JSON.parse(shown.stdout), [{ critical, optional: { env: 'production' } }])
  const refused = await gocker(['verify', '--key', key, '-a', 'env=test', `${name}:1`])
  failedWith(refused, /no signature of it holds/)
  assert.match(refused.stderr, /does not say env=test/)
})

test('a bundle of another kind of key, and one over the manifest itself', async (t) => {
  for (const pair of [generateKeyPairSync('ed25519'), generateKeyPairSync('rsa', { modulusLength: 2048 })]) {
    const { repository, name, digest } = await pushed(t)
    await attached(repository, digest, bundle(dsse(statement({ digest }), { key: pair.privateKey })))
    succeeded(await gocker(['verify', '--key', keyFile(t, pair.publicKey), `${name}:1`]))
    failedWith(await gocker(['verify', '--key', keyFile(t), `${name}:1`]), /no signature of it holds/)
  }
  const { repository, name, digest } = await pushed(t)
  const accept = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = Buffer.from(await (await fetch(`${repository}/manifests/${digest}`, { headers: { accept } })).arrayBuffer())
  const messageDigest = { algorithm: 'SHA2_256', digest: Buffer.from(digest.slice(7), 'hex').toString('base64') }
  const signature = sign('sha256', manifest, OURS.privateKey).toString('base64')
  await attached(repository, digest, bundle({ messageSignature: { messageDigest, signature } }))
  succeeded(await gocker(['verify', '--key', keyFile(t), `${name}:1`]))
  failedWith(await gocker(['verify', '--key', keyFile(t, THEIRS.publicKey), `${name}:1`]), /no signature of it holds/)
})

test('a bundle that says something else does not count', async (t) => {
  const certificate = { certificate: { rawBytes: Buffer.from('x').toString('base64') } }
  const wrong: Readonly<Record<string, (digest: string) => string>> = {
    'not made with this key': (digest) => bundle(dsse(statement({ digest }), { key: THEIRS.privateKey })),
    'it is for .*"sha256":"0000': () => bundle(dsse(statement({ digest: `sha256:${'0'.repeat(64)}` }))),
    'of the type "https://slsa\\.dev/provenance/v1"': (digest) =>
      bundle(dsse(statement({ digest, predicateType: 'https://slsa.dev/provenance/v1' }))),
    'signs something else than an image': (digest) => bundle(dsse(statement({ digest }), { payloadType: 'text/plain' })),
    'made with a certificate': (digest) => bundle(dsse(statement({ digest })), certificate),
    'no bundle': (digest) => bundle({ ...dsse(statement({ digest })), dsseEnvelope: {} }),
  }
  for (const [why, made] of Object.entries(wrong)) {
    const { repository, name, digest } = await pushed(t)
    await attached(repository, digest, made(digest))
    const refused = await gocker(['verify', '--key', keyFile(t), `${name}:1`])
    failedWith(refused, /no signature of it holds/)
    assert.match(refused.stderr, new RegExp(why))
  }
})
