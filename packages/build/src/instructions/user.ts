import { oneArgument } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface UserInstruction extends Written {
  readonly kind: 'USER'
  readonly user: string
}

export const user: InstructionKind<UserInstruction> = {
  keyword: 'USER',
  parse(text) {
    text.flags.finish()
    return { kind: 'USER', ...text.written, user: oneArgument(text) }
  },
}
