import type { CopyJob, CopySource } from '../copy/copy-job.ts'
import type { Owner } from '../copy/owner.ts'
import type { AddInstruction } from '../instructions/add.ts'
import type { CopyInstruction } from '../instructions/copy.ts'
import { layerStep } from '../stage/layer-step.ts'
import type { StageState } from '../stage/stage-state.ts'
import { expanded, expandedContent, type StepContext } from '../stage/step-context.ts'
import { checkedMode, ownerOf, writtenOwner } from './file-attributes.ts'

export interface Placing {
  /** The sources as the history shows them. */
  readonly patterns: readonly string[]
  /** What the sources are, for the cache. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** Called when the step is not known; patterns may name nothing. What it opens it closes itself, after `use`. */
  readonly gathered: (use: (gathered: Gathered) => Promise<void>) => Promise<void>
}

export interface Gathered {
  readonly roots: readonly string[]
  readonly sources: readonly CopySource[]
}

/** What COPY and ADD have in common: where the files go, whose they are, and the layer. */
export async function placeStep(
  instruction: CopyInstruction | AddInstruction,
  context: StepContext,
  { patterns, inputs, gathered }: Placing,
): Promise<StageState> {
  const { state, signal } = context
  const destination = expanded(instruction.destination, instruction, context)
  const chown = writtenOwner(instruction.chown, instruction, context)
  const owner = () => (chown === undefined ? undefined : ownerOf(chown, instruction, context))
  const mode = checkedMode(instruction.chmod, instruction, context)
  const inline = inlineFiles(instruction, context)
  const text = textOf(instruction, patterns, destination)
  const workdir = state.config.WorkingDir || '/'
  const rest = { inline, destination, workdir, ...(mode !== undefined && { mode }) }
  return await layerStep(context, {
    text,
    // Whom a name means, the layers below say; a step that does without them has to know.
    inputs: { place: instruction.kind, ...inputs, patterns, ...rest, owner: instruction.link ? await owner() : chown },
    alone: instruction.link,
    timeless: instruction.kind === 'ADD' || instruction.from === undefined,
    async make(overlay, threads) {
      const lowers = instruction.link ? [] : overlay.lowers
      const copied = { overlay: { ...overlay, lowers }, ...rest, ...withOwner(await owner()) }
      await gathered(async (files) => {
        if (files.sources.length > 0 || inline.length > 0) await threads.copy({ ...copied, ...files }, signal)
      })
    },
  })
}

function withOwner(owner: Owner | undefined): Pick<CopyJob, 'owner'> {
  return owner === undefined ? {} : { owner }
}

function inlineFiles(instruction: CopyInstruction | AddInstruction, context: StepContext): CopyJob['inline'] {
  return instruction.inline.map(({ name, content, expand }) => ({
    name,
    content: expand ? expandedContent(content, instruction, context) : content,
  }))
}

function textOf(
  { kind, chown, chmod, inline, ...rest }: CopyInstruction | AddInstruction,
  patterns: readonly string[],
  destination: string,
) {
  const from = 'from' in rest ? rest.from : undefined
  const flags = Object.entries({ from, chown, chmod }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
  return [kind, ...flags, ...patterns, ...inline.map(({ name }) => `<<${name}`), destination].join(' ')
}
