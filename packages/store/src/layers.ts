import type { Digest } from '@gocker/oci'
import type { LayerDraft } from './layer-draft.ts'

/** Unpacked layers by diffID. A layer that can be seen was verified before it was given its name. */
export interface Layers {
  has(diffID: Digest): Promise<boolean>
  /** The directory that serves as an overlay lower directory, there or not. */
  path(diffID: Digest): string
  /** Bytes on disk: as its draft said it, else counted now and remembered. @throws {StoreError} `NOT_FOUND` */
  size(diffID: Digest): Promise<number>
  list(): Promise<Digest[]>
  /** An empty directory (0755) to unpack a layer in. Held by a lock of the process, so that prune leaves it alone. */
  draft(): Promise<LayerDraft>
  /**
   * Runs `work` while no other process has the lock of this layer: who comes second waits, and then finds the layer.
   * @throws the signal's reason
   */
  withLayerLock<T>(diffID: Digest, work: () => Promise<T>, options?: { readonly signal?: AbortSignal }): Promise<T>
  /** Removes a layer that nothing uses; it may be gone already. Gives the bytes freed. */
  remove(diffID: Digest): Promise<number>
}
