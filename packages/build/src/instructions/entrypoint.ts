import { type CommandForm, commandForm } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface EntrypointInstruction extends Written {
  readonly kind: 'ENTRYPOINT'
  readonly command: CommandForm
}

export const entrypoint: InstructionKind<EntrypointInstruction> = {
  keyword: 'ENTRYPOINT',
  parse(text) {
    text.flags.finish()
    return { kind: 'ENTRYPOINT', ...text.written, command: commandForm(text) }
  },
}
