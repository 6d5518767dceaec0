import { type Pair, pairs } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface EnvInstruction extends Written {
  readonly kind: 'ENV'
  readonly pairs: readonly Pair[]
}

export const env: InstructionKind<EnvInstruction> = {
  keyword: 'ENV',
  parse(text) {
    text.flags.finish()
    return { kind: 'ENV', ...text.written, pairs: pairs(text) }
  },
}
