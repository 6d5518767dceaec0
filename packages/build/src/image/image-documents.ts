import { type Descriptor, digestOf, type ImageConfig, type ImageManifest, MEDIA_TYPES } from '@gocker/oci'
import type { StageState } from '../stage/stage-state.ts'

/** Bytes as they are kept, and what names them. */
export interface ImageDocument {
  readonly bytes: Buffer
  readonly descriptor: Descriptor
}

export interface ImageDocuments {
  readonly config: ImageDocument
  readonly manifest: ImageDocument
}

/**
 * The config and the manifest that a stage's end comes to.
 * @see https://github.com/opencontainers/image-spec/blob/main/config.md
 */
export function imageDocuments(state: StageState): ImageDocuments {
  const config = documentOf(MEDIA_TYPES.ociConfig, configOf(state))
  const layers = state.layers.map(({ descriptor }) => descriptor)
  const manifest: ImageManifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config: config.descriptor, layers }
  return { config, manifest: documentOf(MEDIA_TYPES.ociManifest, manifest) }
}

function configOf({ platform, config, author, layers, history, created }: StageState): ImageConfig {
  return {
    created,
    ...(author !== undefined && { author }),
    architecture: platform.architecture,
    ...(platform.variant !== undefined && { variant: platform.variant }),
    os: platform.os,
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffID }) => diffID) },
    history,
  }
}

function documentOf(mediaType: string, value: unknown): ImageDocument {
  const bytes = Buffer.from(JSON.stringify(value))
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } }
}
