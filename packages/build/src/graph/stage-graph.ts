import { BuildError } from '../error.ts'
import type { Gockerfile, Stage, StageInstruction } from '../language/gockerfile.ts'
import { suggestion } from '../language/suggestion.ts'

/** A stage and where its files come from. */
export interface StageNode {
  readonly index: number
  readonly stage: Stage
  /** The stage's name, or its number. */
  readonly label: string
  readonly base: Source
  /** The stages that it needs before it can end, its base among them. */
  readonly needs: ReadonlySet<number>
}

/** What FROM and --from name. */
export type Source =
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'scratch' }

/**
 * Resolves each stage's base and what it copies from.
 * @param expandBase replaces the global ARGs in the text behind FROM
 */
export function stageGraph({ stages }: Gockerfile, expandBase: (stage: Stage) => string): StageNode[] {
  return stages.map((stage, index) => {
    const earlier = stages.slice(0, index)
    const base = sourceOf(expandBase(stage), earlier, { numbers: false })
    const copied = fromsOf(stage).map((from) => copiedSource(from, earlier, stages))
    const needs = new Set([base, ...copied].flatMap((source) => (source.kind === 'stage' ? [source.index] : [])))
    return { index, stage, label: stage.from.name ?? `${index}`, base, needs }
  })
}

/**
 * What `--from` names, seen from a stage.
 * @throws {BuildError} `UNKNOWN_STAGE` for a number that no stage above has, and for a stage that is not above
 */
export function copiedSource({ name, flag, instruction }: From, earlier: readonly Stage[], stages: readonly Stage[]): Source {
  const refuse = (why: string, hint?: string): never => {
    throw new BuildError('UNKNOWN_STAGE', `${instruction.kind}: ${flag}=${name}: ${why}`, { at: instruction.at, hint })
  }
  if (name.includes('$'))
    return refuse('variables are not expanded here', 'name a stage: FROM $IMAGE AS name, with an ARG before the first FROM')
  const source = sourceOf(name, earlier, { numbers: true })
  if (source.kind !== 'image') return source
  if (/^\d+$/.test(name)) return refuse('there is no such stage above')
  const isBelow = stages.slice(earlier.length).some(({ from }) => from.name === name.toLowerCase())
  return isBelow ? refuse('the stage stands below, or is this one', 'a stage can be copied from once it is built') : source
}

/** A name is an earlier stage's, else an image's; `--from` takes a stage's number too. */
export function sourceOf(name: string, earlier: readonly Stage[], { numbers }: { numbers: boolean }): Source {
  const byName = earlier.findLastIndex(({ from }) => from.name === name.toLowerCase())
  if (byName >= 0) return { kind: 'stage', index: byName }
  if (name === 'scratch') return { kind: 'scratch' }
  if (numbers && /^\d+$/.test(name) && Number(name) < earlier.length) return { kind: 'stage', index: Number(name) }
  return { kind: 'image', name }
}

/**
 * The stage that is asked for, and all that it needs.
 * @throws {BuildError} `UNKNOWN_STAGE`
 */
export function neededStages(nodes: readonly StageNode[], target?: string): { target: StageNode; needed: StageNode[] } {
  const wanted =
    target === undefined
      ? nodes.at(-1)
      : (nodes.findLast(({ stage }) => stage.from.name === target.toLowerCase()) ?? nodes[toIndex(target)])
  if (wanted === undefined) throw unknownStage(target ?? '', nodes)
  const needed = new Set<number>()
  const visit = (index: number): void => {
    if (needed.has(index)) return
    needed.add(index)
    for (const next of nodes[index]?.needs ?? []) visit(next)
  }
  visit(wanted.index)
  return { target: wanted, needed: nodes.filter(({ index }) => needed.has(index)) }
}

function toIndex(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : -1
}

function unknownStage(target: string, nodes: readonly StageNode[]): BuildError {
  const names = nodes.map(({ label }) => label)
  const meant = suggestion(target, names)
  const hint = meant === undefined ? `there are: ${names.join(', ')}` : `did you mean ${meant}?`
  return new BuildError('UNKNOWN_STAGE', `choosing stage ${JSON.stringify(target)}: there is none of that name`, { hint })
}

/** A place in a Gockerfile that says where files come from. */
export interface From {
  readonly name: string
  readonly flag: '--from' | '--mount'
  readonly instruction: StageInstruction
}

/** What COPY --from and RUN --mount=from= name. */
function fromsOf({ instructions }: Stage): From[] {
  return instructions.flatMap((instruction): From[] => {
    if (instruction.kind === 'COPY') return instruction.from === undefined ? [] : [{ name: instruction.from, flag: '--from', instruction }]
    if (instruction.kind !== 'RUN') return []
    const names = instruction.mounts.flatMap((text) => /(?:^|,)from=([^,]+)/.exec(text)?.[1] ?? [])
    return names.map((name) => ({ name, flag: '--mount', instruction }))
  })
}
