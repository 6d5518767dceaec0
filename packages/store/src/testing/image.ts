import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Descriptor, type Digest, digestOf, MEDIA_TYPES } from '@gocker/oci'
import { buildTar } from '@gocker/testkit'
import type { Store } from '../index.ts'

export interface MadeImage {
  /** Of the manifest. */
  readonly descriptor: Descriptor
  readonly id: Digest
  readonly blobs: readonly Digest[]
  readonly layers: readonly Digest[]
}

/** Puts an image into the store: one layer for each text, holding it as a file. */
export async function makeImage(store: Store, texts: readonly string[], kind: 'oci' | 'docker' = 'oci'): Promise<MadeImage> {
  const layers = await Promise.all(texts.map((text) => makeLayer(store, text, kind)))
  const diff_ids = layers.map(({ digest }) => digest)
  const config = await putJson(store, types[kind].config, {
    created: '2024-05-06T07:08:09Z',
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['cat', ...texts] },
    rootfs: { type: 'layers', diff_ids },
  })
  const manifest = { schemaVersion: 2, mediaType: types[kind].manifest, config, layers }
  const descriptor = await putJson(store, types[kind].manifest, manifest)
  return { descriptor, id: config.digest, blobs: [descriptor.digest, config.digest, ...diff_ids], layers: diff_ids }
}

const types = {
  oci: { manifest: MEDIA_TYPES.ociManifest, config: MEDIA_TYPES.ociConfig, layer: MEDIA_TYPES.ociLayer },
  docker: { manifest: MEDIA_TYPES.dockerManifest, config: MEDIA_TYPES.dockerConfig, layer: MEDIA_TYPES.dockerLayer },
}

async function makeLayer(store: Store, text: string, kind: 'oci' | 'docker'): Promise<Descriptor> {
  const tar = buildTar([{ name: 'text', content: text }])
  const digest = digestOf(tar)
  await store.blobs.put(tar)
  const draft = await store.layers.draft()
  await writeFile(join(draft.dir, 'text'), text)
  await draft.commit(digest, { size: 4096 })
  return { mediaType: types[kind].layer, digest, size: tar.length }
}

async function putJson(store: Store, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value))
  return { mediaType, digest: await store.blobs.put(bytes), size: bytes.length }
}
