import type { Digest } from '@gocker/oci'
import { BuildError } from '../error.ts'
import type { CopyInstruction } from '../instructions/copy.ts'
import { expanded, type Step, type StepContext } from '../stage/step-context.ts'
import { contextSources, gather } from './gather.ts'
import { type Placing, placeStep } from './place-step.ts'

export const copy: Step<CopyInstruction> = async (instruction, context) => {
  const { from } = instruction
  const patterns = instruction.sources.map((source) => expanded(source, instruction, context))
  refuseRemote(patterns, instruction)
  const placing = from === undefined ? ofContext(patterns, instruction, context) : await ofStage(from, patterns, { instruction, context })
  return await placeStep(instruction, context, placing)
}

function ofContext(patterns: readonly string[], instruction: CopyInstruction, { build }: StepContext): Placing {
  const { parents, excludes } = instruction
  const { fingerprint, sources } = contextSources(build.context, { patterns, parents, excludes }, instruction)
  return {
    patterns,
    inputs: { copy: fingerprint, parents, excludes },
    gathered: (use) => use({ roots: [build.context.directory], sources: sources() }),
  }
}

/** The digests of its layers say all that is in a stage or an image: its files are looked at when they are copied. */
async function ofStage(
  from: string,
  patterns: readonly string[],
  { instruction, context }: { instruction: CopyInstruction; context: StepContext },
): Promise<Placing> {
  const { parents, excludes } = instruction
  const diffIDs = await layersOf(from, instruction, context)
  return {
    patterns,
    inputs: { copy: diffIDs, from: true, parents, excludes },
    async gathered(use) {
      const { layerFiles } = await import('./layer-files.ts')
      const files = layerFiles(context.build.files.of(context.build.options.store.layers.stack(diffIDs)))
      await use({ roots: files.roots, sources: gather(files, { patterns, parents, excludes }, instruction) })
    },
  }
}

async function layersOf(from: string, instruction: CopyInstruction, { build, stageIndex, state }: StepContext): Promise<readonly Digest[]> {
  const source = build.source({ name: from, flag: '--from', instruction }, stageIndex)
  if (source.kind === 'scratch') throw new BuildError('SYNTAX', 'COPY: --from=scratch has no files', { at: instruction.at })
  if (source.kind === 'image') return (await build.image(source.name, state.platform)).layers
  return (await build.stage(source.index)).layers.map(({ diffID }) => diffID)
}

function refuseRemote(patterns: readonly string[], { at }: CopyInstruction): void {
  const remote = patterns.find((pattern) => /^(?:https?|git|ssh):\/\/|^git@/.test(pattern))
  if (remote !== undefined)
    throw new BuildError('SYNTAX', `COPY: ${remote} is no path`, { at, hint: 'ADD takes URLs and git repositories' })
}
