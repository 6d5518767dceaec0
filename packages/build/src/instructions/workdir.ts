import { oneArgument } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface WorkdirInstruction extends Written {
  readonly kind: 'WORKDIR'
  readonly path: string
}

export const workdir: InstructionKind<WorkdirInstruction> = {
  keyword: 'WORKDIR',
  parse(text) {
    text.flags.finish()
    return { kind: 'WORKDIR', ...text.written, path: oneArgument(text) }
  },
}
