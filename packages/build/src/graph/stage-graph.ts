import { BuildError } from '../error.ts'
import type { Gockerfile, Stage } from '../language/gockerfile.ts'
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
    const copied = fromsOf(stage).map((name) => sourceOf(name, earlier, { numbers: true }))
    const needs = new Set([base, ...copied].flatMap((source) => (source.kind === 'stage' ? [source.index] : [])))
    return { index, stage, label: stage.from.name ?? `${index}`, base, needs }
  })
}

/** A name is an earlier stage's, else an image's; `--from` takes a stage's number too. */
export function sourceOf(name: string, earlier: readonly Stage[], { numbers }: { numbers: boolean }): Source {
  if (name === 'scratch') return { kind: 'scratch' }
  const byName = earlier.findLastIndex(({ from }) => from.name === name.toLowerCase())
  if (byName >= 0) return { kind: 'stage', index: byName }
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

/** What COPY --from and RUN --mount=from= name, as written: BuildKit expands no variables there either. */
function fromsOf({ instructions }: Stage): string[] {
  return instructions.flatMap((instruction) => {
    if (instruction.kind === 'COPY') return instruction.from === undefined ? [] : [instruction.from]
    if (instruction.kind !== 'RUN') return []
    return instruction.mounts.flatMap((text) => /(?:^|,)from=([^,]+)/.exec(text)?.[1] ?? [])
  })
}
