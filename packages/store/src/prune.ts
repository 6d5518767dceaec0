/** Without options: what a killed gocker left, and what nothing refers to. */
export interface PruneOptions {
  /** Also every container that does not run. */
  readonly stoppedContainers?: boolean
  /** Also images without a name that no container uses. */
  readonly danglingImages?: boolean
  /** Also images with a name that no container uses. */
  readonly unusedImages?: boolean
  /** Also what builds keep to be quick. */
  readonly buildCache?: boolean
  readonly signal?: AbortSignal
}

export interface PruneReport {
  readonly removed: readonly PrunedItem[]
  /** Bytes. */
  readonly freed: number
  /** A pull or a build was at work, so blobs and layers were left alone. */
  readonly busy: boolean
}

export interface PrunedItem {
  readonly kind: 'temporary' | 'container' | 'name' | 'run-directory' | 'cgroup' | 'image' | 'build-cache' | 'blob' | 'layer' | 'lock'
  readonly name: string
  /** Bytes freed. */
  readonly size: number
}
