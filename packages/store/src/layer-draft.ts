import type { Digest } from '@gocker/oci'

export interface LayerDraft {
  readonly dir: string
  /**
   * Shows the directory as the layer `diffID`, which the caller has verified. When the layer has come to be here meanwhile, that one stays and this goes.
   * @param facts bytes on disk, when the caller has counted them
   * @returns the layer's directory
   */
  commit(diffID: Digest, facts?: { readonly size?: number }): Promise<string>
  /** Removes the directory. Harmless after commit. */
  abort(): Promise<void>
}
