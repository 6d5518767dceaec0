import type { Digest } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'

/**
 * What happens while an image arrives. Sizes are bytes of the blob as it travels (compressed).
 *
 * Of each layer there is either one `layer-exists`, or a `layer-started`, some `layer-progress` and one `layer-done`;
 * `layer-waiting` comes before either of them when another process is fetching the same layer. When kept bytes of an earlier pull
 * turn out to be wrong, `layer-started` comes a second time, from 0.
 */
export type PullEvent =
  | { readonly type: 'resolving'; readonly reference: string }
  /** `digest` is what the registry names for the reference (of the index, if it is one), `layers` in the manifest's order. */
  | {
      readonly type: 'resolved'
      readonly reference: string
      readonly digest: Digest
      readonly platform: string
      readonly layers: readonly { readonly digest: Digest; readonly size: number }[]
    }
  | { readonly type: 'layer-exists'; readonly digest: Digest; readonly size: number }
  | { readonly type: 'layer-waiting'; readonly digest: Digest; readonly size: number }
  /** `resumedAt` bytes are there already from an earlier pull; 0 when the layer starts anew. */
  | { readonly type: 'layer-started'; readonly digest: Digest; readonly size: number; readonly resumedAt: number }
  | { readonly type: 'layer-progress'; readonly digest: Digest; readonly transferred: number; readonly size: number }
  | { readonly type: 'layer-done'; readonly digest: Digest; readonly size: number; readonly diffID: Digest }
  /** A request is tried again after `delay` milliseconds. */
  | { readonly type: 'retry'; readonly digest?: Digest; readonly why: string; readonly delay: number; readonly attempt: number }
  | { readonly type: 'mirror-failed'; readonly mirror: string; readonly why: string }
  | { readonly type: 'done'; readonly image: StoredImage }

export type PullListener = (event: PullEvent) => void
