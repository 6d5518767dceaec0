import { jsonTexts } from './arguments.ts'
import { type InstructionKind, refuse, type Written } from './instruction.ts'

export interface ShellInstruction extends Written {
  readonly kind: 'SHELL'
  readonly words: readonly string[]
}

export const shell: InstructionKind<ShellInstruction> = {
  keyword: 'SHELL',
  parse(text) {
    text.flags.finish()
    const words = jsonTexts(text)
    if (words === undefined || words.length === 0) return refuse(text, 'needs a JSON list', 'SHELL ["/bin/bash", "-c"]')
    return { kind: 'SHELL', ...text.written, words }
  },
}
