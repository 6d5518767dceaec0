import type { StoredImage } from '@gocker/store'
import type { StepCache } from '../cache/step-cache.ts'
import type { BuildContext } from '../context/context.ts'
import { BuildError } from '../error.ts'
import type { Source } from '../graph/stage-graph.ts'
import { type ExpansionOptions, expand, expandWords } from '../language/expansion.ts'
import type { StageInstruction } from '../language/gockerfile.ts'
import type { BuildOptions } from '../options.ts'
import { environmentOf, type StageState } from './stage-state.ts'
import type { GlobalVariables } from './variables.ts'

/** What all stages of one build share. */
export interface BuildRun {
  readonly options: BuildOptions
  readonly context: BuildContext
  readonly cache: StepCache
  readonly variables: GlobalVariables
  readonly escape: string
  /** The date that a step made now gets; ISO 8601. */
  now(): string
  /** An image, pulled when it is missing. */
  image(name: string, platform: StageState['platform']): Promise<StoredImage>
  /** What --from names, seen from a stage. */
  source(name: string, stage: number): Source
  /** A stage's end; waits for it. */
  stage(index: number): Promise<StageState>
}

/** What one step has at hand. */
export interface StepContext {
  readonly build: BuildRun
  readonly stageIndex: number
  readonly state: StageState
  /** Aborted when the build is, or when another stage has failed. */
  readonly signal: AbortSignal
  /** Says that the step's result was known. */
  reportCached(): void
  output(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
}

/** Carries one instruction out. */
export type Step<T extends StageInstruction> = (instruction: T, context: StepContext) => StageState | Promise<StageState>

/** Replaces the variables of one argument. @throws {BuildError} at the instruction's place */
export function expanded(text: string, instruction: StageInstruction, context: StepContext): string {
  return located(instruction, () => expand(text, expansionOf(context)))
}

/** The same, split into words after it. @throws {BuildError} at the instruction's place */
export function expandedWords(text: string, instruction: StageInstruction, context: StepContext): string[] {
  return located(instruction, () => expandWords(text, expansionOf(context)))
}

/** Replaces the variables of a file's content: quotes in it mean nothing. @throws {BuildError} at the instruction's place */
export function expandedContent(text: string, instruction: StageInstruction, context: StepContext): string {
  return located(instruction, () => expand(text, { ...expansionOf(context), quotes: 'keep' }))
}

function expansionOf({ state, build }: StepContext): ExpansionOptions {
  const environment = environmentOf(state.config)
  return { lookup: (name) => environment.get(name) ?? state.args.get(name), escape: build.escape }
}

function located<T>({ kind, at }: StageInstruction, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof BuildError && cause.at === undefined) throw new BuildError(cause.code, `${kind}: ${cause.message}`, { at, cause })
    throw cause
  }
}
