import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestHex } from '@gocker/oci'
import { imageLayout } from './image/layout.ts'
import { schemaFor } from './schemas.ts'
import { temporaryDirectory } from './temporary-directory.ts'

test('what imageLayout writes is valid, and a broken copy of it is not', (t) => {
  const directory = temporaryDirectory(t)
  const platforms = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm', variant: 'v7' },
  ]
  const { descriptor, images } = imageLayout(
    directory,
    platforms.map((platform) => ({ layers: [Buffer.from('a'), Buffer.from('b')], platform, config: { Env: ['A=b'] } })),
  )
  const document = (digest: string) => JSON.parse(readFileSync(join(directory, 'blobs/sha256', digestHex(digest as 'sha256:')), 'utf8'))
  const [index, manifest, config] = [descriptor, images[0]?.manifest, images[0]?.config].map((part) => document(part?.digest ?? ''))
  assert.deepEqual(schemaFor('image-index')(index), [])
  assert.deepEqual(schemaFor('image-manifest')(manifest), [])
  assert.deepEqual(schemaFor('image-config')(config), [])
  assert.notDeepEqual(schemaFor('image-manifest')({ ...manifest, layers: [{ ...manifest.layers[0], size: 'large' }] }), [])
  assert.notDeepEqual(schemaFor('image-config')({ ...config, created: 'yesterday' }), [])
  assert.notDeepEqual(schemaFor('image-index')({ ...index, schemaVersion: 1 }), [])
})

test('a runtime config is checked down to its parts', () => {
  const check = schemaFor('runtime-config')
  const spec = {
    ociVersion: '1.0.2',
    root: { path: 'rootfs' },
    process: { cwd: '/', args: ['sh'], user: { uid: 0, gid: 0 }, capabilities: undefined },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces: [{ type: 'pid' }], resources: { memory: { limit: 1000 } } },
  }
  assert.deepEqual(check(spec), [])
  assert.deepEqual(check({ ...spec, linux: { namespaces: [{ type: 'moon' }] } }).length > 0, true)
  assert.match(check({ ...spec, mounts: [{ type: 'proc' }] }).join(), /mounts\/0 .*destination/)
})

test('a runtime state is checked', () => {
  assert.deepEqual(schemaFor('runtime-state')({ ociVersion: '1.0.2', id: 'a', status: 'running', pid: 7, bundle: '/b' }), [])
  assert.notDeepEqual(schemaFor('runtime-state')({ ociVersion: '1.0.2', id: 'a', status: 'dreaming', bundle: '/b' }), [])
})
