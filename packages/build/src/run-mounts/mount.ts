interface Mounted {
  /** Where in the stage; relative to WORKDIR. */
  readonly target: string
}

interface FileFacts {
  /** Permission bits. */
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
}

/** Files of the context, a stage or an image. */
export interface BindMount extends Mounted {
  readonly type: 'bind'
  /** The context, unless given. */
  readonly from?: string
  readonly source: string
  readonly readOnly: boolean
}

/** A directory that outlives the build. */
export interface CacheMount extends Mounted, FileFacts {
  readonly type: 'cache'
  readonly id: string
  /** What it begins with; empty unless given. */
  readonly from?: string
  readonly source: string
  readonly readOnly: boolean
  readonly sharing: Sharing
}

/** What a second build does that wants the same cache: uses it too, takes another, or waits. */
export type Sharing = 'shared' | 'private' | 'locked'

export interface TmpfsMount extends Mounted {
  readonly type: 'tmpfs'
  /** Bytes. */
  readonly size?: number
  readonly readOnly: boolean
}

export interface SecretMount extends FileFacts {
  readonly type: 'secret'
  readonly id: string
  /** Not a file, when there is none. */
  readonly target?: string
  /** The variable that it is. */
  readonly env?: string
  readonly required: boolean
}

export interface SshMount extends FileFacts {
  readonly type: 'ssh'
  readonly id: string
  readonly target?: string
  readonly required: boolean
}

/** @see https://docs.docker.com/reference/dockerfile/#run---mount */
export type RunMount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount
