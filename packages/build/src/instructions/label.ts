import { type Pair, pairs } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface LabelInstruction extends Written {
  readonly kind: 'LABEL'
  readonly pairs: readonly Pair[]
}

export const label: InstructionKind<LabelInstruction> = {
  keyword: 'LABEL',
  parse(text) {
    text.flags.finish()
    return { kind: 'LABEL', ...text.written, pairs: pairs(text) }
  },
}
