import { splitBlanks } from '../language/words.ts'
import { atLeastOne } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface ExposeInstruction extends Written {
  readonly kind: 'EXPOSE'
  readonly ports: readonly string[]
}

export const expose: InstructionKind<ExposeInstruction> = {
  keyword: 'EXPOSE',
  parse(text) {
    text.flags.finish()
    return { kind: 'EXPOSE', ...text.written, ports: atLeastOne(text, splitBlanks(text.rest)) }
  },
}
