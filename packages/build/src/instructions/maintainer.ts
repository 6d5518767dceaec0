import { oneArgument } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface MaintainerInstruction extends Written {
  readonly kind: 'MAINTAINER'
  readonly name: string
}

export const maintainer: InstructionKind<MaintainerInstruction> = {
  keyword: 'MAINTAINER',
  parse(text) {
    text.flags.finish()
    return { kind: 'MAINTAINER', ...text.written, name: oneArgument(text) }
  },
}
