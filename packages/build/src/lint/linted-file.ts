import type { ContainerConfig, Platform } from '@gocker/oci'
import { type Source, sourceOf } from '../graph/stage-graph.ts'
import type { FromInstruction } from '../instructions/from.ts'
import { parseInstruction } from '../instructions/table.ts'
import type { Gockerfile, StageInstruction } from '../language/gockerfile.ts'
import { type LogicalLine, readLines } from '../language/lines.ts'
import type { Location } from '../language/location.ts'
import { globalVariables } from '../stage/variables.ts'
import { firstScope, type Scope, scopeAfter, valueIn } from './scope.ts'

/** What the rules know beside the text. */
export interface LintFacts {
  readonly gockerfile: Gockerfile
  readonly platform: Platform
  readonly buildArgs: Readonly<Record<string, string>>
  /** The configuration of a base image; `undefined` where the image is not here. */
  readonly baseConfig: (name: string) => ContainerConfig | undefined
  /** Whether a source of COPY or ADD names files of the context, and an ignore file leaves all of them out. */
  readonly isIgnored: (source: string) => boolean
}

/** A Gockerfile as the rules see it: each instruction as it is written, and what is known where it stands. */
export interface LintedFile {
  readonly escape: string
  readonly emptyContinuations: readonly Location[]
  /** ARGs before the first FROM, and those of the platforms: their values without anything given to the build. */
  readonly defaults: ReadonlyMap<string, string>
  /** The names alone: an ARG may have no value. */
  readonly globalNames: ReadonlySet<string>
  readonly stages: readonly LintedStage[]
  readonly isIgnored: LintFacts['isIgnored']
}

export interface LintedStage {
  readonly from: AsWritten & { readonly instruction: FromInstruction }
  readonly instructions: readonly LintedInstruction[]
  /** What is known at its end. */
  readonly end: Scope
}

export interface LintedInstruction extends AsWritten {
  readonly instruction: StageInstruction
  readonly scope: Scope
}

export interface AsWritten {
  /** The instruction's word in its own letters. */
  readonly word: string
  /** What stands behind the word. */
  readonly rest: string
}

/** @throws {BuildError} `SYNTAX` */
export function lintedFile(text: string, { gockerfile, platform, buildArgs, baseConfig, isIgnored }: LintFacts, file: string): LintedFile {
  const { lines, emptyContinuations, directives } = readLines(text, file)
  const { escape } = directives
  const given = { platform, target: undefined }
  const { globals } = globalVariables(gockerfile, { ...given, buildArgs })
  const { globals: defaults } = globalVariables(gockerfile, { ...given, buildArgs: {} })
  const stages: LintedStage[] = []
  const firstOf = (source: Source): Scope => {
    if (source.kind === 'stage') return stages[source.index]?.end ?? firstScope({})
    return firstScope(source.kind === 'scratch' ? {} : baseConfig(source.name))
  }
  for (const stage of stageLines(lines, escape)) {
    const base = valueIn({ variables: globals }, stage.from.instruction.base, escape)
    const source = sourceOf(base, gockerfile.stages.slice(0, stages.length), { numbers: false })
    stages.push({ from: stage.from, ...scoped(stage.written, firstOf(source), { escape, globals }) })
  }
  const globalNames = new Set([...globals.keys(), ...gockerfile.globalArgs.flatMap(({ args }) => args.map(({ name }) => name))])
  return { escape, emptyContinuations, defaults, globalNames, stages, isIgnored }
}

interface StageLines {
  readonly from: LintedStage['from']
  readonly written: Omit<LintedInstruction, 'scope'>[]
}

function stageLines(lines: readonly LogicalLine[], escape: string): StageLines[] {
  const stages: StageLines[] = []
  for (const line of lines) {
    const [, word = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line.text) ?? []
    const instruction = parseInstruction(line, escape)
    if (instruction.kind === 'FROM') stages.push({ from: { word, rest, instruction }, written: [] })
    else stages.at(-1)?.written.push({ word, rest, instruction })
  }
  return stages
}

function scoped(written: StageLines['written'], first: Scope, surroundings: Parameters<typeof scopeAfter>[2]) {
  let scope = first
  const instructions = written.map((each) => {
    const here = { ...each, scope }
    scope = scopeAfter(scope, each.instruction, surroundings)
    return here
  })
  return { instructions, end: scope }
}
