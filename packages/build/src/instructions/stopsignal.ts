import { oneArgument } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface StopSignalInstruction extends Written {
  readonly kind: 'STOPSIGNAL'
  readonly signal: string
}

export const stopsignal: InstructionKind<StopSignalInstruction> = {
  keyword: 'STOPSIGNAL',
  parse(text) {
    text.flags.finish()
    return { kind: 'STOPSIGNAL', ...text.written, signal: oneArgument(text) }
  },
}
