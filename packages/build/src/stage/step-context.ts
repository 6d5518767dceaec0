import type { LayerFiles, StoredImage } from '@gocker/store'
import type { StepCache } from '../cache/step-cache.ts'
import type { BuildContext } from '../context/context.ts'
import { BuildError } from '../error.ts'
import type { From, Source } from '../graph/stage-graph.ts'
import { type ExpansionOptions, expand, expandWords } from '../language/expansion.ts'
import type { StageInstruction } from '../language/gockerfile.ts'
import type { LayerThreads } from '../layer-thread/layer-threads.ts'
import type { BuildOptions } from '../options.ts'
import type { StageState } from './stage-state.ts'
import type { GlobalVariables } from './variables.ts'

/** What all stages of one build share. */
export interface BuildRun {
  readonly options: BuildOptions
  readonly context: BuildContext
  readonly cache: StepCache
  readonly variables: GlobalVariables
  readonly escape: string
  /** Nothing is made: a step that is not known ends the build. */
  readonly onlyKnown: boolean
  /** The date that a step made now gets; ISO 8601. */
  now(): string
  /** An image, pulled when it is missing. */
  image(name: string, platform: StageState['platform']): Promise<StoredImage>
  /** What --from names, seen from a stage. @throws {BuildError} `UNKNOWN_STAGE` */
  source(from: From, stage: number): Source
  /** By which layers' files are read. */
  readonly files: LayerFiles
  /** What copies files and packs layers. */
  threads(): Promise<LayerThreads>
  /** A stage's end; started where it is not, and waited for. */
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

/** All that an instruction needs which makes no layer. */
export interface MetadataContext {
  readonly build: Pick<BuildRun, 'escape'>
  readonly state: StageState
}

/** Carries an instruction out that changes the config alone. */
export type MetadataStep<T extends StageInstruction> = (instruction: T, context: MetadataContext) => StageState

/** Replaces the variables of one argument. @throws {BuildError} at the instruction's place */
export function expanded(text: string, instruction: StageInstruction, context: MetadataContext): string {
  return located(instruction, () => expand(text, expansionOf(context)))
}

/** The same, split into words after it. @throws {BuildError} at the instruction's place */
export function expandedWords(text: string, instruction: StageInstruction, context: MetadataContext): string[] {
  return located(instruction, () => expandWords(text, expansionOf(context)))
}

/** Replaces the variables of a file's content: quotes in it mean nothing. @throws {BuildError} at the instruction's place */
export function expandedContent(text: string, instruction: StageInstruction, context: MetadataContext): string {
  return located(instruction, () => expand(text, { ...expansionOf(context), quotes: 'keep' }))
}

function expansionOf({ state, build }: MetadataContext): ExpansionOptions {
  return { lookup: (name) => state.variables.get(name), escape: build.escape }
}

function located<T>({ kind, at }: StageInstruction, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof BuildError && cause.at === undefined) throw new BuildError(cause.code, `${kind}: ${cause.message}`, { at, cause })
    throw cause
  }
}
