/** A mount that was asked for with `-v`, `--mount` or `--tmpfs`, or that a build needs. */
export type MountRequest = PlacedRequest | ImageRequest

/** One that says where its files are. */
export type PlacedRequest = BindRequest | VolumeRequest | TmpfsRequest | OverlayRequest | ContentRequest

export interface BindRequest {
  readonly type: 'bind'
  /** On the host. */
  readonly source: string
  readonly destination: string
  readonly readOnly: boolean
  /** Mounts below the source come along. */
  readonly recursive: boolean
  /** A read-only bind leaves what is mounted below the source writable. */
  readonly writableBelow?: boolean
  readonly propagation: Propagation
  /** `-v` makes the directory where there is none, `--mount` refuses. */
  readonly createSource: boolean
  /** A symlink in the source, be it put there at the last moment, is an error. */
  readonly noSymlinks?: boolean
  /** Files belong on the host to the ids that they have in the container. */
  readonly idmap?: boolean
}

export interface VolumeRequest {
  readonly type: 'volume'
  /** undefined: anonymous. */
  readonly name: string | undefined
  readonly destination: string
  readonly readOnly: boolean
  /** Filled from the image while it is empty. */
  readonly copy: boolean
  /** Of the volume this directory or file alone is mounted; it must be there. */
  readonly subpath?: string
  /** Of the volume, when it has to be made. */
  readonly labels?: Readonly<Record<string, string>>
  /** The same: `type`, `o` and `device`, as docker's local driver takes them. */
  readonly options?: Readonly<Record<string, string>>
}

export interface TmpfsRequest {
  readonly type: 'tmpfs'
  readonly destination: string
  /** As mount(8) words them. */
  readonly options: readonly string[]
}

/** The files of an image, which stays as it is. */
export interface ImageRequest {
  readonly type: 'image'
  /** A name or an id. */
  readonly source: string
  readonly destination: string
  /** Otherwise what is written is thrown away at the next start. */
  readonly readOnly: boolean
  /** Of the image this directory or file alone is mounted; it must be there. */
  readonly subpath?: string
}

/** Directories of the host as one tree, stacked for this container alone. */
export interface OverlayRequest {
  readonly type: 'overlay'
  /** Top first; at least two where there is no upper. */
  readonly lowers: readonly string[]
  /** What is written lands here; without it nothing can be. `work` lies on the same file system. */
  readonly upper?: { readonly directory: string; readonly work: string }
  /** The file of this name in the tree is all that is mounted. */
  readonly file?: string
  readonly destination: string
}

/** A file that is in memory alone, and that nobody can change. */
export interface ContentRequest {
  readonly type: 'content'
  readonly content: Uint8Array
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly destination: string
}

export const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const
export type Propagation = (typeof PROPAGATIONS)[number]

export function isPropagation(text: string): text is Propagation {
  return (PROPAGATIONS as readonly string[]).includes(text)
}
