import type { ImageMount } from '@gocker/kernel'
import type { Compression } from '@gocker/oci'
import type { CopyFrom, CopyTo } from '../containers/copy-task.ts'
import type { PullErrorCode } from '../error.ts'
import type { ByteText } from '../tar-reader/tar-entry.ts'
import type { ImagePlace } from './erofs/write-image.ts'
import type { RingMemory } from './ring.ts'

/** How a worker knows that it is to work on a layer, where one file serves for everything that a program does. */
export const LAYER_THREAD_ROLE = 'gocker-layer-writer'

/** The last word of such a worker's command line: a bundle's entry point need not ask Node whether it is a thread. */
export const THREAD_MARK = 'gocker-thread'

/** What a layer thread does. The tar comes, or goes, by the ring; what is unpacked comes as it travels. */
export type LayerTask =
  | ({ readonly kind: 'unpack'; readonly directory: string; readonly hidesFiles: boolean } & Arriving)
  | ({ readonly kind: 'make-image' } & ImagePlace & Arriving)
  /** For another thread, which takes it out of the second ring. */
  | ({ readonly kind: 'inflate'; readonly into: RingMemory } & Arriving)
  | { readonly kind: 'pack'; readonly tree: TreeToPack; readonly clampTo?: number | undefined; readonly ring: RingMemory }
  | ({ readonly kind: 'copy-from'; readonly ring: RingMemory } & CopyFrom)
  | ({ readonly kind: 'copy-to'; readonly ring: RingMemory } & CopyTo)

interface Arriving {
  readonly compression: Compression
  readonly ring: RingMemory
}

/** Whether the thread is where it was when it has done this: it can then do it again. */
export function goesBack({ kind }: Pick<LayerTask, 'kind'>): boolean {
  return kind === 'unpack' || kind === 'make-image' || kind === 'inflate'
}

export type TreeToPack =
  | { readonly kind: 'plain' | 'overlay-upper'; readonly directory: string; readonly leaveOut: readonly ByteText[] }
  /** Directories to be merged as overlayfs does, the top one first. */
  | { readonly kind: 'overlay'; readonly lowers: readonly string[]; readonly images: readonly ImageMount[] }

/** What the others come to; who inflates comes to nothing. */
export interface LayerTaskResult {
  readonly diffID: `sha256:${string}`
  /** Bytes of the tar. */
  readonly size: number
  readonly entries: number
}

/** An error loses its class on the way between threads. */
export type LayerThreadMessage =
  | { readonly done: LayerTaskResult | undefined }
  | { readonly failed: { readonly code: PullErrorCode; readonly message: string; readonly hint: string | undefined } }
