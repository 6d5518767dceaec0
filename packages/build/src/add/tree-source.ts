import { directoryTree } from '../context/directory-tree.ts'
import { filteredTree } from '../context/filtered-tree.ts'
import { ignorePatterns } from '../context/ignore-patterns.ts'
import { type TreeEntry, walk } from '../context/tree.ts'
import type { CopySource } from '../copy/copy-job.ts'
import type { AddedSources } from './added.ts'

interface TreeSourceOptions extends Pick<CopySource, 'owners' | 'isArchive'> {
  readonly excludes?: readonly string[]
  /** What an entry is to look like. */
  readonly shown?: (entry: TreeEntry) => TreeEntry
  /** What is copied of the directory. */
  readonly path?: string
}

/** A directory of ours as a source: all that is in it, or in `path` of it. */
export function treeSource(root: string, options: TreeSourceOptions): AddedSources {
  const { owners, isArchive = false, excludes = [], shown = (entry) => entry, path = '' } = options
  const tree = filteredTree(directoryTree(root), ignorePatterns(excludes), path)
  const above = path === '' ? 0 : path.length + 1
  const items = walk(tree, path).map((entry) => ({
    entry: shown(entry),
    root: 0,
    below: entry.path.slice(above),
    ...(isArchive && { implied: true }),
  }))
  return { roots: [root], sources: [{ name: path.split('/').at(-1) ?? '', items, owners, isArchive }] }
}
