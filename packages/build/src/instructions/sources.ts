import { heredocOpening } from '../language/heredocs.ts'
import { jsonOrWords } from './arguments.ts'
import { type InstructionText, refuse } from './instruction.ts'

/** A file that COPY or ADD writes from the Gockerfile itself. */
export interface InlineFile {
  readonly name: string
  readonly content: string
  /** Variables in the content are expanded. */
  readonly expand: boolean
}

export interface SourcesAndDestination {
  /** Paths and patterns; variables are still in them. */
  readonly sources: readonly string[]
  readonly inline: readonly InlineFile[]
  readonly destination: string
}

/** What COPY and ADD have in common: sources, heredocs among them, and the destination last. */
export function sourcesAndDestination(text: InstructionText): SourcesAndDestination {
  const words = jsonOrWords(text)
  const destination = words.at(-1)
  if (destination === undefined || words.length < 2) return refuse(text, 'needs at least one source and a destination')
  if (text.heredocs.length > 0 && heredocOpening(destination) !== undefined) refuse(text, 'the destination cannot be a heredoc')
  const sources = words.slice(0, -1).filter((word) => text.heredocs.length === 0 || heredocOpening(word) === undefined)
  const inline = text.heredocs.map(({ name, content, expand }) => ({ name, content, expand }))
  return { sources, inline, destination }
}
