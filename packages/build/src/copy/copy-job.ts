import type { TreeEntry } from '../context/tree.ts'

/** The role by which the bundle's entry point knows the thread. */
export const COPY_THREAD_ROLE = 'gocker-build-copy'

/** The last word of the thread's command line: the entry point need not ask Node whether it is a thread. */
export const THREAD_MARK = 'gocker-thread'

/** All that the copying thread needs; structured-clonable. */
export interface CopyJob {
  readonly overlay: {
    /** The stage's layers, the top first. */
    readonly lowers: readonly string[]
    /** Becomes the new layer. */
    readonly upper: string
    readonly work: string
    /** An empty directory, used in the thread's own mount namespace. */
    readonly target: string
  }
  /** Directories that files come from; an item names one by its index. */
  readonly roots: readonly string[]
  readonly sources: readonly CopySource[]
  readonly inline: readonly InlineSource[]
  /** As written; relative to `workdir`. */
  readonly destination: string
  readonly workdir: string
  /** `user[:group]`, names or numbers. */
  readonly owner?: string
  /** Octal digits. */
  readonly mode?: string
}

/** One source: a file, or a directory and all below it. */
export interface CopySource {
  /** What it is called in a destination directory. */
  readonly name: string
  /** The source itself first; `path` is within its root. */
  readonly items: readonly CopyItem[]
}

export interface CopyItem {
  readonly entry: TreeEntry
  readonly root: number
  /** Below the source; empty for the source itself. */
  readonly below: string
}

export interface InlineSource {
  readonly name: string
  readonly content: string
}
