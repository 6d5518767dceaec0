import type { Descriptor, Digest } from '@gocker/oci'

/** A layer of an image in the making. */
export interface BuiltLayer {
  readonly diffID: Digest
  readonly descriptor: Descriptor
}
