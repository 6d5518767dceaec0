import type { Digest } from '@gocker/oci'
import type { PullEvent, PullListener } from '../events.ts'

/**
 * What happens while an image leaves. Layers go by the digest that they have in the store, and sizes are those of the store: a plain
 * layer is compressed on its way.
 *
 * Of each layer there is either one `layer-exists` or `layer-mounted`, or a `layer-started`, some `layer-progress` and one `layer-done`.
 */
export type PushEvent =
  | {
      readonly type: 'resolved'
      readonly reference: string
      readonly layers: readonly { readonly digest: Digest; readonly size: number }[]
    }
  /** The registry has it. */
  | { readonly type: 'layer-exists'; readonly digest: Digest; readonly size: number }
  /** The registry has it in another repository, and has linked it. */
  | { readonly type: 'layer-mounted'; readonly digest: Digest; readonly size: number; readonly from: string }
  | { readonly type: 'layer-started'; readonly digest: Digest; readonly size: number }
  | Extract<PullEvent, { readonly type: 'layer-progress' }>
  /** `sent`: bytes as they have travelled. */
  | { readonly type: 'layer-done'; readonly digest: Digest; readonly size: number; readonly sent: number }
  | Extract<PullEvent, { readonly type: 'retry' }>
  | { readonly type: 'done'; readonly reference: string; readonly digest: Digest }

export type PushListener = (event: PushEvent) => void

/** Passes the retries of what a pull and a push have in common on to who listens to the push. */
export function retriesTo(onEvent: PushListener | undefined): PullListener {
  return (event) => {
    if (event.type === 'retry') onEvent?.(event)
  }
}
