/** A mount that was asked for with `-v`, `--mount` or `--tmpfs`. */
export type MountRequest = BindRequest | VolumeRequest | TmpfsRequest

export interface BindRequest {
  readonly type: 'bind'
  /** On the host. */
  readonly source: string
  readonly destination: string
  readonly readOnly: boolean
  /** Mounts below the source come along. */
  readonly recursive: boolean
  readonly propagation: Propagation
  /** `-v` makes the directory where there is none, `--mount` refuses. */
  readonly createSource: boolean
}

export interface VolumeRequest {
  readonly type: 'volume'
  /** undefined: anonymous. */
  readonly name: string | undefined
  readonly destination: string
  readonly readOnly: boolean
  /** Filled from the image while it is empty. */
  readonly copy: boolean
}

export interface TmpfsRequest {
  readonly type: 'tmpfs'
  readonly destination: string
  /** As mount(8) words them. */
  readonly options: readonly string[]
}

export const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const
export type Propagation = (typeof PROPAGATIONS)[number]

export function isPropagation(text: string): text is Propagation {
  return (PROPAGATIONS as readonly string[]).includes(text)
}
