import type { Descriptor, Digest, ImageConfig, ImageManifest } from '@gocker/oci'

/** An image that is here. */
export interface StoredImage {
  /** The config's digest, as docker counts images. */
  readonly id: Digest
  /** Of the platform's manifest. */
  readonly descriptor: Descriptor
  /** Canonical names: `docker.io/library/debian:latest`; by digest when it was pulled so; none when it is dangling. */
  readonly references: readonly string[]
  /** `docker.io/library/debian@sha256:...` */
  readonly repoDigests: readonly string[]
  readonly manifest: ImageManifest
  readonly config: ImageConfig
  /** Bytes of the config and the layers' blobs, as the manifest says them. */
  readonly size: number
  /** ISO 8601. */
  readonly created?: string
  /** diffIDs, lowest first. */
  readonly layers: readonly Digest[]
}
