import { type InstructionKind, refuse, type Written } from './instruction.ts'

export interface OnbuildInstruction extends Written {
  readonly kind: 'ONBUILD'
  /** The instruction that a build on this image begins with, heredocs below it. */
  readonly trigger: string
}

export const onbuild: InstructionKind<OnbuildInstruction> = {
  keyword: 'ONBUILD',
  parse(text) {
    text.flags.finish()
    const [word = ''] = text.rest.split(/\s/, 1)
    if (word === '') refuse(text, 'needs an instruction')
    if (['ONBUILD', 'FROM', 'MAINTAINER'].includes(word.toUpperCase())) refuse(text, `${word.toUpperCase()} cannot be a trigger`)
    const bodies = text.heredocs.map(({ content, name }) => `\n${content}${name}`)
    return { kind: 'ONBUILD', ...text.written, trigger: text.rest + bodies.join('') }
  },
}
