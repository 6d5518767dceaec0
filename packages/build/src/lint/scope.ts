import type { ContainerConfig } from '@gocker/oci'
import { expand, type Lookup } from '../language/expansion.ts'
import type { StageInstruction } from '../language/gockerfile.ts'

/** What is known where an instruction stands; each instruction leads to the next scope. */
export interface Scope {
  /** ENV and ARG with their values. */
  readonly variables: ReadonlyMap<string, string>
  /** The names alone: an ARG may have no value. */
  readonly declared: ReadonlySet<string>
  /** Whether `declared` is all: not so on an image that is not here. */
  readonly isComplete: boolean
  /** A SHELL of its own: the shell form is meant. */
  readonly hasShell: boolean
  /** A WORKDIR was said before, here or in the stage below. */
  readonly hasWorkdir: boolean
}

/** What a stage begins with; `config` is the base image's, where it is here. */
export function firstScope(config: ContainerConfig | undefined): Scope {
  const pairs = ['PATH=', ...(config?.Env ?? [])].map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)] as const)
  const variables = new Map(pairs)
  const hasShell = (config?.Shell?.length ?? 0) > 0
  return { variables, declared: new Set(variables.keys()), isComplete: config !== undefined, hasShell, hasWorkdir: false }
}

interface Surroundings {
  readonly escape: string
  /** The values that an ARG without one takes. */
  readonly globals: ReadonlyMap<string, string>
}

/** The scope behind an instruction. */
export function scopeAfter(scope: Scope, instruction: StageInstruction, { escape, globals }: Surroundings): Scope {
  switch (instruction.kind) {
    case 'ENV': {
      const pairs = instruction.pairs.map(({ name, value }) => [name, valueIn(scope, value, escape)] as const)
      return withVariables(scope, pairs)
    }
    case 'ARG':
      return instruction.args.reduce((within, { name, value }) => {
        const known = globals.get(name) ?? (value === undefined ? undefined : valueIn(within, value, escape))
        return withVariables(within, [[name, known]])
      }, scope)
    case 'SHELL':
      return { ...scope, hasShell: true }
    case 'WORKDIR':
      return { ...scope, hasWorkdir: true }
    default:
      return scope
  }
}

function withVariables(scope: Scope, pairs: readonly (readonly [string, string | undefined])[]): Scope {
  const variables = new Map(scope.variables)
  for (const [name, value] of pairs) if (value !== undefined) variables.set(name, value)
  return { ...scope, variables, declared: new Set([...scope.declared, ...pairs.map(([name]) => name)]) }
}

/** The text with its variables replaced; the build itself says where that cannot be done. */
export function valueIn({ variables }: Pick<Scope, 'variables'>, text: string, escape: string): string {
  return expandedOr(text, { escape, lookup: (name) => variables.get(name) }, text)
}

/** The variables that a text reads without a default, and that nothing has declared. */
export function undeclaredIn(text: string, declared: ReadonlySet<string>, escape: string): string[] {
  const unset = new Set<string>()
  const lookup: Lookup = (name) => (declared.has(name) ? '' : undefined)
  expandedOr(text, { escape, lookup, onUnset: (name) => unset.add(name) }, '')
  return [...unset]
}

function expandedOr(text: string, options: Parameters<typeof expand>[1], otherwise: string): string {
  try {
    return expand(text, options)
  } catch {
    return otherwise
  }
}
