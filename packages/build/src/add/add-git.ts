import { join } from 'node:path'
import { directoryTree } from '../context/directory-tree.ts'
import { select } from '../context/select.ts'
import type { TreeEntry } from '../context/tree.ts'
import { clampTimes } from '../stage/clamp-times.ts'
import type { Added } from './added.ts'
import { checkOut, resolveCommit } from './git.ts'
import { type GitSource, withoutCredentials } from './remote-source.ts'
import { treeSource } from './tree-source.ts'

interface AddGitOptions {
  readonly checksum?: string | undefined
  readonly keepGitDir?: boolean | undefined
  readonly excludes: readonly string[]
  readonly signal: AbortSignal
}

/** A repository's files at one commit; fetched only when the step is not in the cache. */
export async function addGit(git: GitSource, { checksum, keepGitDir, excludes, signal }: AddGitOptions): Promise<Added> {
  const source = { ...git, ...(checksum !== undefined && { checksum }) }
  const commit = await resolveCommit(source, signal)
  const keeps = git.keepGitDir ?? keepGitDir ?? false
  return {
    inputs: { git: withoutCredentials(git.remote), commit, directory: git.directory, keeps, submodules: git.submodules },
    async sources(directory) {
      const root = join(directory, 'checkout')
      const seconds = await checkOut(source, { commit, directory: root, signal })
      // The commit's time, not the checkout's: equal commits give equal layers.
      clampTimes(root, seconds)
      const [selected] = select(directoryTree(root), git.directory)
      if (selected === undefined) throw new Error(`${withoutCredentials(git.remote)} has no ${git.directory} at ${commit}`)
      const left = keeps ? excludes : ['.git', ...excludes]
      return treeSource(root, { owners: 'root', excludes: left, path: selected.path, shown: asCommitted })
    },
  }
}

/** As git keeps it: a file is executable or not. */
function asCommitted(entry: TreeEntry): TreeEntry {
  const isExecutable = entry.type === 'directory' || (entry.mode & 0o100) !== 0
  return { ...entry, mode: isExecutable ? 0o755 : 0o644 }
}
