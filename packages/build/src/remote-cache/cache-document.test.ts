import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Descriptor, digestOf, MEDIA_TYPES } from '@gocker/oci'
import { BuildError } from '../error.ts'
import { cacheDocument, parseCacheDocument, type RemoteSteps } from './cache-document.ts'

const LAYER: Descriptor = { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf('layer'), size: 5 }
const STEPS: RemoteSteps = new Map([
  ['b', { created: '2026-01-02T00:00:00.000Z' }],
  ['a', { created: '2026-01-01T00:00:00.000Z', layer: { diffID: digestOf('tar'), descriptor: LAYER } }],
])

test('steps are written and read again, equal steps as equal bytes', () => {
  const bytes = Buffer.from(JSON.stringify(cacheDocument(STEPS)))
  assert.deepEqual(new Map([...parseCacheDocument(bytes, [LAYER])].sort()), new Map([...STEPS].sort()))
  assert.equal(JSON.stringify(cacheDocument(new Map([...STEPS].reverse()))), bytes.toString())
})

test('what is not such a document is refused', () => {
  const step = (change: object) => JSON.stringify({ steps: { a: { created: 'x', ...change } } })
  const wrong = [
    'no JSON',
    'null',
    '{}',
    '{"steps":{"a":null}}',
    step({ created: 1 }),
    step({ layer: { diffID: 'sha256:short', blob: LAYER.digest } }),
    step({ layer: { diffID: LAYER.digest, blob: digestOf('not there') } }),
    step({ layer: {} }),
  ]
  for (const text of wrong)
    assert.throws(
      () => parseCacheDocument(Buffer.from(text), [LAYER]),
      (error) => error instanceof BuildError && error.code === 'INVALID_OPTION',
      text,
    )
  const config = { ...LAYER, mediaType: MEDIA_TYPES.ociConfig }
  assert.throws(() => parseCacheDocument(Buffer.from(JSON.stringify(cacheDocument(STEPS))), [config]), BuildError)
})
