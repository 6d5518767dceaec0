import type { Digest } from '@gocker/oci'

export interface RemoveImageOptions {
  /** Also when a container uses it: what the container needs stays until the container goes. */
  readonly force?: boolean
}

export interface ImageRemoval {
  /** Canonical names. */
  readonly untagged: readonly string[]
  /** The image's id, and the digests of the blobs and layers that went with it. */
  readonly deleted: readonly Digest[]
  /** Bytes. */
  readonly freed: number
}
