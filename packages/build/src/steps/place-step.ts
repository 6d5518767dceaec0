import { copyFiles } from '../copy/copy.ts'
import type { CopyJob, CopySource } from '../copy/copy-job.ts'
import type { AddInstruction } from '../instructions/add.ts'
import type { CopyInstruction } from '../instructions/copy.ts'
import { layerStep } from '../stage/layer-step.ts'
import { type StageState, withStep } from '../stage/stage-state.ts'
import { expanded, expandedContent, type StepContext } from '../stage/step-context.ts'
import { checkedMode, checkedOwner } from './file-attributes.ts'

interface Placing {
  /** The sources as the history shows them. */
  readonly patterns: readonly string[]
  /** What the sources are, for the cache. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** Patterns that name nothing make nothing, unless there is a heredoc. */
  readonly isEmpty: boolean
  /** Called when the step is not known. What it opens it closes itself, after `use`. */
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
  { patterns, inputs, isEmpty, gathered }: Placing,
): Promise<StageState> {
  const { state, signal } = context
  const destination = expanded(instruction.destination, instruction, context)
  const owner = checkedOwner(instruction.chown, instruction, context)
  const mode = checkedMode(instruction.chmod, instruction, context)
  const inline = inlineFiles(instruction, context)
  const text = textOf(instruction, patterns, destination)
  if (isEmpty && inline.length === 0) return withStep(state, { text, created: state.created })
  const workdir = state.config.WorkingDir || '/'
  const rest = { inline, destination, workdir, ...(owner !== undefined && { owner }), ...(mode !== undefined && { mode }) }
  return await layerStep(context, {
    text,
    inputs: { place: instruction.kind, ...inputs, patterns, ...rest },
    alone: instruction.link,
    timeless: instruction.kind === 'ADD' || instruction.from === undefined,
    make: (overlay) => {
      const lowers = instruction.link ? [] : overlay.lowers
      const jobOf = (files: Gathered): CopyJob => ({ overlay: { ...overlay, lowers }, ...files, ...rest })
      return gathered((files) => copyFiles(jobOf(files), signal))
    },
  })
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
