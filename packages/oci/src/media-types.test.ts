import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isConfigType, isIndexType, isManifestType, layerCompression, MEDIA_TYPES } from './media-types.ts'

test('every media type is of one kind', () => {
  const kinds = Object.entries(MEDIA_TYPES).map(([name, type]) => {
    const kind = [isIndexType(type) && 'Index', isManifestType(type) && 'Manifest', isConfigType(type) && 'Config']
    return [name, [...kind, layerCompression(type) !== undefined && 'Layer'].filter((word) => word !== false)] as const
  })
  for (const [name, [kind, ...others]] of kinds) {
    assert.deepEqual(others, [])
    assert.ok(name.includes(kind as string), `${name} is a ${kind}`)
  }
})

test('a layer says how it is compressed', () => {
  assert.equal(layerCompression('application/vnd.oci.image.layer.v1.tar'), 'none')
  assert.equal(layerCompression('application/vnd.oci.image.layer.v1.tar+gzip'), 'gzip')
  assert.equal(layerCompression('application/vnd.oci.image.layer.v1.tar+zstd'), 'zstd')
  assert.equal(layerCompression('application/vnd.docker.image.rootfs.diff.tar.gzip'), 'gzip')
  assert.equal(layerCompression('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'), 'gzip')
  for (const other of ['', 'constructor', 'application/vnd.in-toto+json', MEDIA_TYPES.ociConfig])
    assert.equal(layerCompression(other), undefined)
})
