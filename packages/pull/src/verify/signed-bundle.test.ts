import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { test } from 'node:test'
import { checkBundle } from './signed-bundle.ts'

const TYPE = 'application/vnd.in-toto+json'
const MANIFEST = Buffer.from('{}')

interface Signer {
  readonly key: KeyObject
  readonly hash: string
}

/** As cosign lays it beside an image: an envelope, whose signature is over its type and payload. */
function envelope({ key, hash }: Signer): Buffer {
  const subject = [{ digest: { sha256: createHash('sha256').update(MANIFEST).digest('hex') } }]
  const predicateType = 'https://sigstore.dev/cosign/sign/v1'
  const payload = JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate: {} })
  const sig = sign(hash, Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} ${payload}`), key).toString('base64')
  return bundle({ dsseEnvelope: { payload: Buffer.from(payload).toString('base64'), payloadType: TYPE, signatures: [{ sig }] } })
}

/** A signature over the manifest itself. */
function signature({ key, hash }: Signer, algorithm: string): Buffer {
  const messageDigest = { algorithm, digest: createHash(hash).update(MANIFEST).digest('base64') }
  return bundle({ messageSignature: { messageDigest, signature: sign(hash, MANIFEST, key).toString('base64') } })
}

function bundle(content: object): Buffer {
  const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
  return Buffer.from(JSON.stringify({ mediaType, verificationMaterial: { publicKey: { hint: '' } }, ...content }))
}

for (const [namedCurve, own] of [
  ['P-256', 'sha256'],
  ['P-384', 'sha384'],
  ['P-521', 'sha512'],
] as const)
  test(`a key of ${namedCurve} signs ${own}, and of what older tools made sha256`, () => {
    const ours = generateKeyPairSync('ec', { namedCurve })
    const theirs = generateKeyPairSync('ec', { namedCurve })
    const check = (bytes: Buffer, key = ours.publicKey) => checkBundle(bytes, { key, manifest: MANIFEST })
    for (const hash of new Set([own, 'sha256'])) {
      const signer = { key: ours.privateKey, hash }
      assert.equal(typeof check(envelope(signer)), 'object', hash)
      assert.equal(check(envelope(signer), theirs.publicKey), 'one was not made with this key')
      assert.equal(check(signature(signer, `SHA2_${hash.slice(3)}`)), undefined)
      assert.equal(check(signature(signer, `SHA2_${hash.slice(3)}`), theirs.publicKey), 'one was not made with this key')
    }
    assert.equal(check(envelope({ key: ours.privateKey, hash: 'sha1' })), 'one was not made with this key')
  })
