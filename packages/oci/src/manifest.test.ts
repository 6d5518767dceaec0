import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from './digest.ts'
import { parseManifest } from './manifest.ts'
import { MEDIA_TYPES } from './media-types.ts'

const config = { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf('config'), size: 6 }
const layer = { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf('layer'), size: 5 }
const manifest = { schemaVersion: 2, config, layers: [layer] }
const index = { schemaVersion: 2, manifests: [{ mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('manifest'), size: 8 }] }

const KINDS: readonly (readonly [what: string, document: object, servedAs: string | undefined, kind: string, mediaType: string])[] = [
  ['an OCI manifest', { ...manifest, mediaType: MEDIA_TYPES.ociManifest }, MEDIA_TYPES.ociManifest, 'manifest', MEDIA_TYPES.ociManifest],
  ['a docker manifest', { ...manifest, mediaType: MEDIA_TYPES.dockerManifest }, undefined, 'manifest', MEDIA_TYPES.dockerManifest],
  ['a manifest that only the server names', manifest, MEDIA_TYPES.dockerManifest, 'manifest', MEDIA_TYPES.dockerManifest],
  ['a manifest that nobody names', manifest, undefined, 'manifest', MEDIA_TYPES.ociManifest],
  ['a manifest served as any JSON', manifest, 'application/json', 'manifest', MEDIA_TYPES.ociManifest],
  ['an OCI index', { ...index, mediaType: MEDIA_TYPES.ociIndex }, 'text/plain', 'index', MEDIA_TYPES.ociIndex],
  ['a manifest list', { ...index, mediaType: MEDIA_TYPES.dockerIndex }, MEDIA_TYPES.dockerIndex, 'index', MEDIA_TYPES.dockerIndex],
  ['an index that nobody names', index, undefined, 'index', MEDIA_TYPES.ociIndex],
]

for (const [what, document, servedAs, kind, mediaType] of KINDS)
  test(`${what} is read`, () => {
    const read = parseManifest(Buffer.from(JSON.stringify(document)), servedAs)
    assert.equal(read.kind, kind)
    assert.equal(read.mediaType, mediaType)
    assert.deepEqual(read.kind === 'index' ? read.index : read.manifest, document)
  })

const WRONG: readonly (readonly [what: string, document: unknown, servedAs: string | undefined, why: RegExp])[] = [
  ['a list', [], undefined, /not a JSON object/],
  ['null', null, undefined, /not a JSON object/],
  ['the first version of the schema', { ...manifest, schemaVersion: 1 }, undefined, /schemaVersion is 1, expected 2/],
  ['an unknown document', { schemaVersion: 2, mediaType: 'text/html' }, undefined, /"text\/html" is neither/],
  [
    'a document served as another',
    { ...manifest, mediaType: MEDIA_TYPES.ociManifest },
    MEDIA_TYPES.ociIndex,
    /is application\/vnd.oci.image.manifest.v1\+json, and it was served as/,
  ],
  ['a manifest with manifests', { ...manifest, manifests: [] }, undefined, /CVE-2021-41190/],
  ['an index with layers', { ...index, layers: [], mediaType: MEDIA_TYPES.ociIndex }, undefined, /CVE-2021-41190/],
  ['a manifest without layers', { schemaVersion: 2, config }, undefined, /layers is not a list/],
  ['a manifest without config', { schemaVersion: 2, layers: [layer], mediaType: MEDIA_TYPES.ociManifest }, undefined, /config\.mediaType/],
  [
    'a wrong digest',
    { ...manifest, layers: [layer, { ...layer, digest: 'sha256:../../x' }] },
    undefined,
    /layers\[1\]\.digest is "sha256:/,
  ],
  ['a negative size', { ...manifest, layers: [{ ...layer, size: -1 }] }, undefined, /layers\[0\]\.size is -1/],
  ['half a byte', { ...manifest, layers: [{ ...layer, size: 0.5 }] }, undefined, /layers\[0\]\.size is 0.5/],
  ['a size as text', { ...manifest, layers: [{ ...layer, size: '5' }] }, undefined, /layers\[0\]\.size is "5"/],
  ['a layer without media type', { ...manifest, layers: [{ ...layer, mediaType: undefined }] }, undefined, /layers\[0\]\.mediaType/],
  [
    'a platform of a number',
    { ...index, manifests: [{ ...layer, platform: { os: 1, architecture: 'amd64' } }] },
    undefined,
    /manifests\[0\]\.platform\.os is 1/,
  ],
  ['a platform that is a text', { ...index, manifests: [{ ...layer, platform: 'linux' }] }, undefined, /platform is "linux"/],
  ['annotations of numbers', { ...manifest, annotations: { a: 1 } }, undefined, /annotations is/],
  ['a subject that is none', { ...manifest, subject: {} }, undefined, /subject\.mediaType/],
  ['a layer that is null', { ...manifest, layers: [null] }, undefined, /layers\[0\]\.mediaType/],
]

for (const [what, document, servedAs, why] of WRONG)
  test(`${what} is refused`, () => {
    const bytes = Buffer.from(JSON.stringify(document))
    assert.throws(() => parseManifest(bytes, servedAs), { name: 'OciError', code: 'INVALID_DOCUMENT', message: why })
  })

for (const bytes of [Buffer.from(''), Buffer.from('<html>'), Buffer.from([0x7b, 0xff, 0x7d])])
  test(`the bytes ${bytes.toString('hex')} are no JSON`, () => {
    assert.throws(() => parseManifest(bytes), { code: 'INVALID_DOCUMENT', message: 'reading manifest: not JSON' })
  })

test('a platform need not be named, and what is null is not there', () => {
  const manifests = [
    { ...layer, platform: {}, annotations: null },
    { ...layer, platform: null },
  ]
  const read = parseManifest(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests, annotations: null })))
  assert.deepEqual(read.kind === 'index' && read.index, {
    schemaVersion: 2,
    manifests: [{ ...layer, platform: { os: '', architecture: '' } }, layer],
  })
})
