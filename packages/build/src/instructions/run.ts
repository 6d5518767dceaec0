import type { Heredoc } from '../language/heredocs.ts'
import { type CommandForm, commandForm } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface RunInstruction extends Written {
  readonly kind: 'RUN'
  readonly command: CommandForm
  readonly heredocs: readonly Heredoc[]
  /** The texts of `--mount=`. */
  readonly mounts: readonly string[]
  readonly network?: string
  readonly security?: string
}

export const run: InstructionKind<RunInstruction> = {
  keyword: 'RUN',
  parse(text) {
    const mounts = text.flags.list('mount')
    const network = text.flags.text('network')
    const security = text.flags.text('security')
    text.flags.finish()
    return {
      kind: 'RUN',
      ...text.written,
      command: commandForm(text),
      heredocs: text.heredocs,
      mounts,
      ...(network !== undefined && { network }),
      ...(security !== undefined && { security }),
    }
  },
}
