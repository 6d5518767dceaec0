import type { InstructionKind, Written } from './instruction.ts'
import { type SourcesAndDestination, sourcesAndDestination } from './sources.ts'

export interface CopyInstruction extends Written, SourcesAndDestination {
  readonly kind: 'COPY'
  /** A stage's name or number, or an image. */
  readonly from?: string
  readonly chown?: string
  readonly chmod?: string
  readonly link: boolean
  readonly parents: boolean
  readonly excludes: readonly string[]
}

export const copy: InstructionKind<CopyInstruction> = {
  keyword: 'COPY',
  parse(text) {
    const [from, chown, chmod] = ['from', 'chown', 'chmod'].map((name) => text.flags.text(name) || undefined)
    const link = text.flags.switch('link') ?? false
    const parents = text.flags.switch('parents') ?? false
    const excludes = text.flags.list('exclude')
    text.flags.finish()
    return {
      kind: 'COPY',
      ...text.written,
      ...sourcesAndDestination(text),
      ...(from !== undefined && { from }),
      ...(chown !== undefined && { chown }),
      ...(chmod !== undefined && { chmod }),
      link,
      parents,
      excludes,
    }
  },
}
