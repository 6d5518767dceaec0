import { formatPlatform, hostPlatform, parsePlatform } from '@gocker/oci'
import { stepKey } from '../cache/step-cache.ts'
import { BuildError } from '../error.ts'
import type { StepLabel } from '../events.ts'
import type { StageNode } from '../graph/stage-graph.ts'
import { parseInstruction } from '../instructions/table.ts'
import { expand } from '../language/expansion.ts'
import type { StageInstruction } from '../language/gockerfile.ts'
import { readLines } from '../language/lines.ts'
import { takeStep } from '../steps/table.ts'
import { baseState } from './base-state.ts'
import type { StageState } from './stage-state.ts'
import type { BuildRun } from './step-context.ts'

/** Builds one stage: its base, what its base left for it (ONBUILD), its instructions. */
export async function buildStage(node: StageNode, build: BuildRun, signal: AbortSignal): Promise<StageState> {
  const base = await baseState(node, build, platformOf(node, build))
  const { triggers, state: start } = takeTriggers(base)
  const instructions = [...triggers.flatMap((text) => triggered(text, node, build)), ...node.stage.instructions]
  let state = start
  for (const [index, instruction] of instructions.entries()) {
    signal.throwIfAborted()
    const label = {
      id: `${node.index}.${index + 1}`,
      stage: node.label,
      number: index + 1,
      total: instructions.length,
      text: instruction.source,
    }
    state = await timedStep(instruction, { node, build, state, label, signal })
  }
  return state
}

interface TimedStep {
  readonly node: StageNode
  readonly build: BuildRun
  readonly state: StageState
  readonly label: StepLabel
  readonly signal: AbortSignal
}

async function timedStep(instruction: StageInstruction, { node, build, state, label, signal }: TimedStep): Promise<StageState> {
  const { onEvent } = build.options
  const started = Date.now()
  let cached = false
  let failed = true
  onEvent?.({ type: 'step-started', step: label })
  try {
    const next = await takeStep(instruction, {
      build,
      stageIndex: node.index,
      state,
      signal,
      reportCached: () => {
        cached = true
      },
      output: (stream, chunk) => onEvent?.({ type: 'step-output', step: label, stream, chunk }),
    })
    failed = false
    cached ||= isMetadata(instruction) && wasTaken(next, build)
    return next
  } catch (cause) {
    throw failureOf(instruction, cause, signal)
  } finally {
    onEvent?.({ type: 'step-done', step: label, cached, failed, milliseconds: Date.now() - started })
  }
}

/** Nothing of it is in the cache: it takes no time. */
function isMetadata({ kind }: StageInstruction): boolean {
  return !['ADD', 'COPY', 'RUN', 'WORKDIR'].includes(kind)
}

/** Whether an earlier build of the context has come to the same state. */
function wasTaken({ platform, layers, config, history }: StageState, { context, options }: BuildRun): boolean {
  const texts = history.map(({ created_by }) => created_by)
  const key = stepKey({ platform, layers: layers.map(({ diffID }) => diffID), config, texts })
  return context.steps?.wasTaken(key.slice(0, 16)) === true && options.noCache !== true
}

/** Every failure of a step says where in the Gockerfile it is. */
function failureOf({ kind, at }: StageInstruction, cause: unknown, signal: AbortSignal): unknown {
  if (cause instanceof BuildError || signal.aborted) return cause
  const { message, hint } = cause as Error & { hint?: string }
  return new BuildError('STEP_FAILED', `${kind}: ${message}`, { at, cause, hint })
}

function takeTriggers(state: StageState): { triggers: readonly string[]; state: StageState } {
  const { OnBuild, ...config } = state.config
  return { triggers: OnBuild ?? [], state: { ...state, config } }
}

function triggered(text: string, node: StageNode, build: BuildRun): StageInstruction[] {
  const { lines } = readLines(text, `ONBUILD of ${node.stage.from.base}`)
  return lines.map((line) => {
    const instruction = parseInstruction(line, build.escape)
    if (instruction.kind === 'FROM') throw new BuildError('SYNTAX', 'ONBUILD: FROM cannot be a trigger', { at: node.stage.from.at })
    return instruction
  })
}

function platformOf({ stage }: StageNode, { variables, escape }: BuildRun) {
  const { platform, at } = stage.from
  if (platform === undefined) return parsePlatform(variables.globals.get('TARGETPLATFORM') || formatPlatform(hostPlatform()))
  const written = expand(platform, { lookup: (name) => variables.globals.get(name), escape })
  if (written !== '') return parsePlatform(written)
  throw new BuildError('SYNTAX', `FROM: --platform=${platform} comes to nothing`, {
    at,
    hint: 'give its ARG a value: before the first FROM, or with --build-arg',
  })
}
