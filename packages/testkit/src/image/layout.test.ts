import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostPlatform, MEDIA_TYPES } from '@gocker/oci'
import { type Registry, startRegistry } from '../registry/registry.ts'
import { buildTar } from '../tar/build-tar.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { type ImageInput, imageLayout } from './layout.ts'
import { pushLayout } from './push-layout.ts'
import { inspectWithSkopeo, pullWithSkopeo, pushWithSkopeo } from './skopeo.ts'

const layers = [buildTar([{ name: 'one', content: '1' }]), buildTar([{ name: 'two', content: '2' }])]

const forms: Record<string, ImageInput> = {
  'oci, gzip': { layers },
  'oci, zstd': { layers, compression: 'zstd' },
  'oci, plain': { layers, compression: 'none' },
}

for (const [name, image] of Object.entries(forms))
  test(`skopeo pushes a layout as it is (${name})`, async (t) => {
    await using registry = await startRegistry()
    const layout = imageLayout(temporaryDirectory(t), image)
    await pushWithSkopeo(layout, `${registry.host}/x:t`)
    assert.deepEqual(await pushed(registry, 'x', 't'), [layout.descriptor.digest, layout.descriptor.mediaType])
  })

const exactForms: Record<string, ImageInput | ImageInput[]> = {
  docker: { layers, mediaTypes: 'docker' },
  'a docker list': [
    { layers, mediaTypes: 'docker' },
    { layers, mediaTypes: 'docker', platform: { os: 'linux', architecture: 's390x' } },
  ],
  'lying diffIDs': { layers, editConfig: (config) => ({ ...config, rootfs: { type: 'layers', diff_ids: [] } }) },
}

for (const [name, image] of Object.entries(exactForms))
  test(`what skopeo would refuse is pushed byte for byte (${name})`, async (t) => {
    await using registry = await startRegistry()
    const layout = imageLayout(temporaryDirectory(t), image)
    await pushLayout(layout, `${registry.url}/a/b:t`)
    assert.deepEqual(await pushed(registry, 'a/b', 't'), [layout.descriptor.digest, layout.descriptor.mediaType])
  })

test('a layout of several platforms becomes an index, and a single one on request', async (t) => {
  await using registry = await startRegistry()
  const platforms = [hostPlatform(), { os: 'linux', architecture: 'arm', variant: 'v7' }]
  const layout = imageLayout(
    temporaryDirectory(t),
    platforms.map((platform) => ({ layers, platform })),
  )
  await pushWithSkopeo(layout, `${registry.host}/x:all`, { all: true })
  const index = await inspectWithSkopeo(`docker://${registry.host}/x:all`, '--raw')
  assert.deepEqual(
    (index.manifests as { platform: unknown }[]).map(({ platform }) => platform),
    platforms,
  )
})

test('skopeo converts to docker manifests, and pulls what it pushed', async (t) => {
  await using registry = await startRegistry()
  const directory = temporaryDirectory(t)
  const layout = imageLayout(`${directory}/in`, { layers, config: { Cmd: ['x'], Labels: { a: 'b' } } })
  await pushWithSkopeo(layout, `${registry.host}/x:t`, { format: 'v2s2' })
  const manifest = await inspectWithSkopeo(`docker://${registry.host}/x:t`, '--raw')
  assert.equal(manifest.mediaType, MEDIA_TYPES.dockerManifest)
  await pullWithSkopeo(`${registry.host}/x:t`, `${directory}/out:t`, { format: 'oci' })
  const pulled = await inspectWithSkopeo(`oci:${directory}/out:t`)
  assert.deepEqual(pulled.Labels, { a: 'b' })
  assert.deepEqual(
    pulled.Layers,
    layout.images[0]?.layers.map(({ digest }) => digest),
  )
})

test('a password is asked for and given', async (t) => {
  await using registry = await startRegistry({ auth: { kind: 'basic', users: { alice: 'secret' } } })
  const layout = imageLayout(temporaryDirectory(t), { layers })
  await assert.rejects(pushWithSkopeo(layout, `${registry.host}/x:t`), /authentication required/)
  await pushWithSkopeo(layout, `${registry.host}/x:t`, { creds: 'alice:secret' })
})

async function pushed(registry: Registry, name: string, tag: string): Promise<unknown[]> {
  const headers = { accept: Object.values(MEDIA_TYPES).join(',') }
  const answer = await fetch(`${registry.url}/v2/${name}/manifests/${tag}`, { headers })
  return [answer.headers.get('docker-content-digest'), answer.headers.get('content-type')]
}
