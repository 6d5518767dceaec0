import type { ImageMount } from '@gocker/kernel'
import type { TreeEntry } from '../context/tree.ts'
import type { Owner } from './owner.ts'

/** All that the copying thread needs; structured-clonable. */
export interface CopyJob {
  readonly overlay: {
    /** The stage's layers, the top first; none to write into `upper` alone, as if nothing were below it. */
    readonly lowers: readonly string[]
    /** Of these, the layers that are images. */
    readonly images?: readonly ImageMount[]
    /** Becomes the new layer. */
    readonly upper: string
    readonly work: string
    /** An empty directory, used in the thread's own mount namespace. */
    readonly target: string
  }
  /** Directories that files come from; an item names one by its index. */
  readonly roots: readonly string[]
  /** Placed one after the other: a later one goes over an earlier one. */
  readonly sources: readonly CopySource[]
  readonly inline: readonly InlineSource[]
  /** As written; relative to `workdir`. */
  readonly destination: string
  readonly workdir: string
  /** Of all files and of the directories that have to be made. */
  readonly owner?: Owner
  /** Octal digits, or words of chmod(1). */
  readonly mode?: string
}

/** One source: a file, or a directory and all below it. */
export interface CopySource {
  /** What it is called in a destination directory. */
  readonly name: string
  /** The source itself first; `path` is within its root. */
  readonly items: readonly CopyItem[]
  /** `root`: all is root's, as docker has it of a context; `source`: each file's own. An owner that is asked for goes before both. */
  readonly owners: 'root' | 'source'
  /** An archive's content goes into a directory of the destination's name, and keeps its modes whatever is asked for. */
  readonly isArchive?: boolean
}

export interface CopyItem {
  readonly entry: TreeEntry
  readonly root: number
  /** Below the source; empty for the source itself. */
  readonly below: string
  /** Only there to hold what was asked for: where it is there already, it stays as it is. */
  readonly implied?: boolean
}

export interface InlineSource {
  readonly name: string
  readonly content: string
}
