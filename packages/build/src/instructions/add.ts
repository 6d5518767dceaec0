import type { InstructionKind, Written } from './instruction.ts'
import { type SourcesAndDestination, sourcesAndDestination } from './sources.ts'

export interface AddInstruction extends Written, SourcesAndDestination {
  readonly kind: 'ADD'
  readonly chown?: string
  readonly chmod?: string
  /** Digest that a downloaded file must have. */
  readonly checksum?: string
  readonly link: boolean
  readonly keepGitDir?: boolean
  /** Whether archives are unpacked; local ones are unless it says no, downloaded ones are not unless it says so. */
  readonly unpack?: boolean
  readonly excludes: readonly string[]
}

export const add: InstructionKind<AddInstruction> = {
  keyword: 'ADD',
  parse(text) {
    const [chown, chmod, checksum] = ['chown', 'chmod', 'checksum'].map((name) => text.flags.text(name) || undefined)
    const link = text.flags.switch('link') ?? false
    const [keepGitDir, unpack] = ['keep-git-dir', 'unpack'].map((name) => text.flags.switch(name))
    const excludes = text.flags.list('exclude')
    text.flags.finish()
    return {
      kind: 'ADD',
      ...text.written,
      ...sourcesAndDestination(text),
      ...(chown !== undefined && { chown }),
      ...(chmod !== undefined && { chmod }),
      ...(checksum !== undefined && { checksum }),
      link,
      ...(keepGitDir !== undefined && { keepGitDir }),
      ...(unpack !== undefined && { unpack }),
      excludes,
    }
  },
}
