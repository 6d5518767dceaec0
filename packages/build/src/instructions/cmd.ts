import { type CommandForm, commandForm } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface CmdInstruction extends Written {
  readonly kind: 'CMD'
  readonly command: CommandForm
}

export const cmd: InstructionKind<CmdInstruction> = {
  keyword: 'CMD',
  parse(text) {
    text.flags.finish()
    return { kind: 'CMD', ...text.written, command: commandForm(text) }
  },
}
