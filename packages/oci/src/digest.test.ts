import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestAlgorithm, digestHex, digestOf, isDigest, parseDigest } from './digest.ts'

/** FIPS 180-4's own example. */
const ABC = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

test('the digest of bytes and of the same text', () => {
  assert.equal(digestOf('abc'), ABC)
  assert.equal(digestOf(Buffer.from('abc')), ABC)
})

test('a digest has an algorithm and hex', () => {
  assert.equal(digestAlgorithm(ABC), 'sha256')
  assert.equal(digestHex(ABC), ABC.slice(7))
  assert.equal(parseDigest(`sha512:${'0f'.repeat(64)}`), `sha512:${'0f'.repeat(64)}`)
})

for (const wrong of [
  '',
  'sha256',
  'sha256:',
  `sha256:${'a'.repeat(63)}`,
  `sha256:${'a'.repeat(65)}`,
  `sha512:${'a'.repeat(64)}`,
  `sha256:${'A'.repeat(64)}`,
  `sha256:${'g'.repeat(64)}`,
  `md5:${'a'.repeat(32)}`,
  `constructor:${'a'.repeat(64)}`,
  `${ABC}\n`,
  `${ABC}:more`,
  ABC.slice(7),
])
  test(`${JSON.stringify(wrong.slice(0, 20))} (${wrong.length} characters) is no digest`, () => {
    assert.equal(isDigest(wrong), false)
    assert.throws(() => parseDigest(wrong), { name: 'OciError', code: 'INVALID_DIGEST' })
  })
