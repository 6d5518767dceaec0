import { choosePlatform, digestHex, MEDIA_TYPES, OciError, parseManifest } from '@gocker/oci'
import { mutateJson } from '../engine/mutate-json.ts'
import type { FuzzTarget } from '../engine/target.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`
const LAYER = { mediaType: MEDIA_TYPES.ociLayerGzip, digest: DIGEST, size: 10 }
const CONFIG = { mediaType: MEDIA_TYPES.ociConfig, digest: DIGEST, size: 3 }
const LISTED = {
  mediaType: MEDIA_TYPES.ociManifest,
  digest: DIGEST,
  size: 4,
  platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
}

/** Manifests and indexes: what is understood has what its type says, and a platform can be chosen from it. */
export const manifest: FuzzTarget = {
  seeds: [
    { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config: CONFIG, layers: [LAYER, LAYER], annotations: { a: 'b' } },
    { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [LISTED, { ...LISTED, platform: undefined }] },
    { schemaVersion: 2, config: CONFIG, layers: [], subject: LISTED, artifactType: 'x' },
    { schemaVersion: 1, fsLayers: [] },
  ].map((document) => Buffer.from(JSON.stringify(document))),
  words: ['"manifests":[]', '"layers":[]', MEDIA_TYPES.dockerManifest, MEDIA_TYPES.dockerIndex, DIGEST, 'sha512:', '\\u0000', '1e999'],
  mutate: mutateJson,
  read(bytes) {
    const read = parseManifest(bytes, bytes.length % 3 === 0 ? MEDIA_TYPES.ociIndex : undefined)
    const descriptors = read.kind === 'index' ? read.index.manifests : [read.manifest.config, ...read.manifest.layers]
    for (const { digest, size } of descriptors)
      if (/[^0-9a-f]/.test(digestHex(digest)) || !Number.isSafeInteger(size)) throw new Error(`${digest} of ${size} bytes`)
    if (read.kind === 'index') choosePlatform(read.index.manifests, { os: 'linux', architecture: 'arm64', variant: 'v8' })
  },
  isRefusal: (error) => error instanceof OciError,
}
