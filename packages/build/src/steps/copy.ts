import { BuildError } from '../error.ts'
import type { CopyInstruction } from '../instructions/copy.ts'
import { expanded, type Step, type StepContext } from '../stage/step-context.ts'
import { contextFiles, gather, type SourceFiles, stageFiles } from './gather.ts'
import { placeStep } from './place-step.ts'

export const copy: Step<CopyInstruction> = async (instruction, context) => {
  const { parents, excludes, from } = instruction
  const patterns = instruction.sources.map((source) => expanded(source, instruction, context))
  refuseRemote(patterns, instruction)
  const files = from === undefined ? contextFiles(context.build.context) : await filesOf(from, instruction, context)
  const sources = gather(files, { patterns, parents, excludes }, instruction)
  return await placeStep(instruction, context, {
    patterns,
    inputs: { copy: files.fingerprint(sources), from: from !== undefined, parents, excludes },
    gathered: (use) => use({ roots: files.roots, sources }),
    isEmpty: sources.length === 0,
  })
}

async function filesOf(from: string, { at }: CopyInstruction, { build, stageIndex, state }: StepContext): Promise<SourceFiles> {
  const source = build.source(from, stageIndex)
  const { layers } = build.options.store
  if (source.kind === 'scratch') throw new BuildError('SYNTAX', 'COPY: --from=scratch has no files', { at })
  const diffIDs =
    source.kind === 'stage'
      ? (await build.stage(source.index)).layers.map(({ diffID }) => diffID)
      : (await build.image(source.name, state.platform)).layers
  return stageFiles(layers.stack(diffIDs), diffIDs)
}

function refuseRemote(patterns: readonly string[], { at }: CopyInstruction): void {
  const remote = patterns.find((pattern) => /^(?:https?|git|ssh):\/\/|^git@/.test(pattern))
  if (remote !== undefined)
    throw new BuildError('SYNTAX', `COPY: ${remote} is no path`, { at, hint: 'ADD takes URLs and git repositories' })
}
