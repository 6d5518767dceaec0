import { splitWords } from '../language/words.ts'
import { atLeastOne } from './arguments.ts'
import { type InstructionKind, refuse, type Written } from './instruction.ts'

export interface ArgInstruction extends Written {
  readonly kind: 'ARG'
  readonly args: readonly { readonly name: string /** The default, variables still in it. */; readonly value?: string }[]
}

export const arg: InstructionKind<ArgInstruction> = {
  keyword: 'ARG',
  parse(text) {
    text.flags.finish()
    const args = atLeastOne(text, splitWords(text.rest, text.escape)).map((word) => {
      const equals = word.indexOf('=')
      if (equals === 0) refuse(text, 'a name must not be empty')
      return equals < 0 ? { name: word } : { name: word.slice(0, equals), value: word.slice(equals + 1) }
    })
    return { kind: 'ARG', ...text.written, args }
  },
}
