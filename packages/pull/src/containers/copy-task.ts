import type { ByteText } from '../tar-reader/tar-entry.ts'
import type { ContainerPlace } from './container-place.ts'
import type { Ownership } from './placed-files.ts'

/** What is to be read, in a container or on the host; the archive of it goes by the ring. */
export interface CopyFrom {
  readonly place: ContainerPlace | 'host'
  /** Absolute, as written. */
  readonly path: ByteText
  /** A symlink is not what is copied, but what it leads to. */
  readonly follow: boolean
  /** Without what is mounted in the container. */
  readonly alone: boolean
}

/** Where an archive, which comes by the ring, is to be written. */
export interface CopyTo {
  readonly place: ContainerPlace | 'host'
  /** Absolute, as written. */
  readonly path: ByteText
  /** An archive of the user's: it goes into a directory as it is. */
  readonly isArchive: boolean
  /** Each file's own unless given. */
  readonly owner?: Ownership | undefined
}
