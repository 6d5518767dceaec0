import { digestOf } from '@gocker/oci'
import { directoryTree } from '../context/directory-tree.ts'
import { fingerprint } from '../context/fingerprint.ts'
import { layeredTree } from '../context/layered-tree.ts'
import { resolveLinks } from '../context/select.ts'
import { type SourceTree, type TreeEntry, walk } from '../context/tree.ts'
import { BuildError } from '../error.ts'
import type { RunInstruction } from '../instructions/run.ts'
import type { StepContext } from '../stage/step-context.ts'

/** What a mount shows: a file or a directory of the context, of a stage or of an image. */
export interface MountFiles {
  /** What is to be seen. */
  readonly tree: SourceTree
  readonly entry: TreeEntry
  /** What it is, for the cache. */
  readonly fingerprint: string
  readonly place: Context | Layers
}

interface Context {
  readonly kind: 'context'
  readonly directory: string
  /** With what the ignore file leaves out. */
  readonly all: SourceTree
}

interface Layers {
  readonly kind: 'layers'
  /** Top first. */
  readonly directories: readonly string[]
  /** Where their files can be read: elsewhere for a layer that is an image. */
  readonly readable: readonly string[]
  /** Which of them has a file. */
  readonly holder: (path: string) => number | undefined
}

interface Wanted {
  readonly from?: string
  readonly source: string
}

/**
 * Finds what `from` and `source` name; symlinks are followed within the context or the stage.
 * @throws {BuildError} `NO_SOURCE`
 */
export async function mountFiles({ from, source }: Wanted, instruction: RunInstruction, context: StepContext): Promise<MountFiles> {
  const found = from === undefined ? contextFiles(context) : await stageFiles(from, instruction, context)
  const path = resolveLinks(found.tree, source)
  const entry = path === undefined ? undefined : found.tree.entry(path)
  if (entry !== undefined) return { ...found, entry, fingerprint: found.fingerprint(entry) }
  throw new BuildError('NO_SOURCE', `RUN: --mount: ${source} is not there`, {
    at: instruction.at,
    hint: from === undefined ? 'paths are relative to the context; an ignore file may leave it out' : undefined,
  })
}

function contextFiles({ build: { context } }: StepContext) {
  const { directory, tree, digests } = context
  return {
    tree,
    place: { kind: 'context', directory, all: directoryTree(directory) } as const,
    fingerprint: ({ path }: TreeEntry) => fingerprint(directory, walk(tree, path), digests),
  }
}

async function stageFiles(from: string, instruction: RunInstruction, { build, stageIndex, state }: StepContext) {
  const source = build.source({ name: from, flag: '--mount', instruction }, stageIndex)
  const diffIDs =
    source.kind === 'scratch'
      ? []
      : source.kind === 'stage'
        ? (await build.stage(source.index)).layers.map(({ diffID }) => diffID)
        : (await build.image(source.name, state.platform)).layers
  if (diffIDs.length === 0) throw new BuildError('NO_SOURCE', `RUN: --mount: from=${from} has no files`, { at: instruction.at })
  const directories = build.options.store.layers.stack(diffIDs)
  const readable = build.files.of(directories)
  const tree = layeredTree(readable)
  return {
    tree,
    place: { kind: 'layers', directories, readable, holder: tree.holder } as const,
    fingerprint: ({ path }: TreeEntry): string => digestOf(JSON.stringify([diffIDs, path])),
  }
}
