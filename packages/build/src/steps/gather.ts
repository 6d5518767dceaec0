import { type Digest, digestOf } from '@gocker/oci'
import type { BuildContext } from '../context/context.ts'
import { fingerprint } from '../context/fingerprint.ts'
import { layeredTree } from '../context/layered-tree.ts'
import { type Selected, select } from '../context/select.ts'
import { type SourceTree, walk } from '../context/tree.ts'
import type { CopySource } from '../copy/copy-job.ts'
import { BuildError } from '../error.ts'
import type { StageInstruction } from '../language/gockerfile.ts'

/** Where COPY and ADD take files from. */
export interface SourceFiles {
  readonly tree: SourceTree
  readonly roots: readonly string[]
  /** Which root holds a path of the tree. */
  readonly rootOf: (path: string) => number
  /** What the files of these paths are, as one digest. */
  readonly fingerprint: (paths: readonly string[]) => Digest
}

export interface Gathered {
  readonly roots: readonly string[]
  readonly sources: readonly CopySource[]
  readonly fingerprint: Digest
}

export function contextFiles({ directory, tree }: BuildContext): SourceFiles {
  return { tree, roots: [directory], rootOf: () => 0, fingerprint: (paths) => fingerprint(directory, tree, paths) }
}

/**
 * The files of another stage or image.
 * @param directories its layers, the top first
 * @param diffIDs which say all that is in them, so nothing has to be read
 */
export function stageFiles(directories: readonly string[], diffIDs: readonly Digest[]): SourceFiles {
  const tree = layeredTree(directories)
  return {
    tree,
    roots: directories,
    rootOf: (path) => tree.holder(path) ?? 0,
    fingerprint: (paths) => digestOf(JSON.stringify([diffIDs, paths])),
  }
}

/**
 * Finds what the sources name.
 * @throws {BuildError} `NO_SOURCE`; `SYNTAX` when several go to what is not written as a directory
 */
export function gather(
  files: SourceFiles,
  patterns: readonly string[],
  { instruction, destination, inlineCount }: { instruction: StageInstruction; destination: string; inlineCount: number },
): Gathered {
  const selected = patterns.flatMap((pattern) => selectedBy(files.tree, pattern, instruction))
  if (selected.length + inlineCount > 1 && !/(?:^|\/)\.{0,2}$/.test(destination))
    throw new BuildError('SYNTAX', `${instruction.kind}: several sources need a directory`, {
      at: instruction.at,
      hint: `write ${destination}/`,
    })
  return {
    roots: files.roots,
    sources: selected.map((source) => copySource(files, source)),
    fingerprint: files.fingerprint(selected.map(({ path }) => path)),
  }
}

function selectedBy(tree: SourceTree, pattern: string, { kind, at }: StageInstruction): Selected[] {
  const selected = select(tree, pattern)
  if (selected.length > 0) return selected
  throw new BuildError('NO_SOURCE', `${kind}: ${pattern} is not there`, {
    at,
    hint: 'paths are relative to the context; an ignore file may leave it out',
  })
}

function copySource({ tree, rootOf }: SourceFiles, { path, name }: Selected): CopySource {
  const items = Array.from(walk(tree, path), (entry) => ({
    entry,
    root: rootOf(entry.path),
    below: path === '' ? entry.path : entry.path.slice(path.length + 1),
  }))
  return { name, items }
}
