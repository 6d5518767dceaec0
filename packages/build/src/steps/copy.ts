import { copyFiles } from '../copy/copy.ts'
import { BuildError } from '../error.ts'
import type { CopyInstruction } from '../instructions/copy.ts'
import { layerStep } from '../stage/layer-step.ts'
import { expanded, expandedContent, type Step, type StepContext } from '../stage/step-context.ts'
import { checkedMode, checkedOwner } from './file-attributes.ts'
import { contextFiles, type Gathered, gather, stageFiles } from './gather.ts'

export const copy: Step<CopyInstruction> = async (instruction, context) => {
  refuseUnsupported(instruction)
  const { state, signal } = context
  const sources = instruction.sources.map((source) => expanded(source, instruction, context))
  const destination = expanded(instruction.destination, instruction, context)
  const owner = checkedOwner(instruction.chown, instruction, context)
  const mode = checkedMode(instruction.chmod, instruction, context)
  const inline = instruction.inline.map(({ name, content, expand }) => ({
    name,
    content: expand ? expandedContent(content, instruction, context) : content,
  }))
  const files = instruction.from === undefined ? contextFiles(context.build.context) : await filesOf(instruction.from, instruction, context)
  const gathered = gather(files, sources, { instruction, destination, inlineCount: inline.length })
  return await layerStep(context, {
    text: textOf(instruction, sources, destination),
    inputs: { copy: gathered.fingerprint, sources, inline, destination, workdir: workdirOf(context), owner, mode },
    make: (overlay) => copyFiles(jobOf(gathered, { overlay, inline, destination, workdir: workdirOf({ state }), owner, mode }), signal),
  })
}

type JobRest = Pick<Parameters<typeof copyFiles>[0], 'overlay' | 'inline' | 'destination' | 'workdir'> & {
  readonly owner: string | undefined
  readonly mode: string | undefined
}

function jobOf({ roots, sources }: Gathered, { owner, mode, ...rest }: JobRest): Parameters<typeof copyFiles>[0] {
  return { roots, sources, ...rest, ...(owner !== undefined && { owner }), ...(mode !== undefined && { mode }) }
}

async function filesOf(from: string, instruction: CopyInstruction, { build, stageIndex, state }: StepContext) {
  const source = build.source(from, stageIndex)
  const { layers } = build.options.store
  if (source.kind === 'scratch') throw new BuildError('SYNTAX', 'COPY: --from=scratch has no files', { at: instruction.at })
  const diffIDs =
    source.kind === 'stage'
      ? (await build.stage(source.index)).layers.map(({ diffID }) => diffID)
      : (await build.image(source.name, state.platform)).layers
  return stageFiles(diffIDs.map((diffID) => layers.path(diffID)).reverse(), diffIDs)
}

function refuseUnsupported(instruction: CopyInstruction): void {
  const flag = instruction.parents ? '--parents' : instruction.excludes.length > 0 ? '--exclude' : undefined
  if (flag !== undefined) throw new BuildError('UNSUPPORTED', `COPY: ${flag} is not supported yet`, { at: instruction.at })
}

function workdirOf({ state }: Pick<StepContext, 'state'>): string {
  return state.config.WorkingDir || '/'
}

function textOf({ from, chown, chmod }: CopyInstruction, sources: readonly string[], destination: string): string {
  const flags = Object.entries({ from, chown, chmod }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
  return ['COPY', ...flags, ...sources, destination].join(' ')
}
