import type { Blobs } from './blobs.ts'
import type { Containers } from './containers.ts'
import type { Images } from './images.ts'
import type { Layers } from './layers.ts'
import type { StorePaths } from './paths.ts'
import type { PruneOptions, PruneReport } from './prune.ts'

export interface StoreOptions {
  /** Default: `$GOCKER_ROOT`, else `/var/lib/gocker` for root and `$XDG_DATA_HOME/gocker` for others. */
  readonly root?: string
  /** Default: `$GOCKER_RUN`, else `/run/gocker` for root and `$XDG_RUNTIME_DIR/gocker` for others. */
  readonly run?: string
}

export interface Store {
  readonly paths: StorePaths
  readonly blobs: Blobs
  readonly images: Images
  readonly layers: Layers
  readonly containers: Containers
  /**
   * Runs `work` while no prune and no image removal, of any process, takes blobs or layers away. Whoever brings blobs and layers
   * and names them only at the end (a pull, a build, an import) works inside: what it found or put is still there when it tags the image.
   */
  keeping<T>(work: () => Promise<T>, options?: { readonly signal?: AbortSignal }): Promise<T>
  /** Removes what a killed gocker left and what nothing refers to; never what a live process holds. */
  prune(options?: PruneOptions): Promise<PruneReport>
}
