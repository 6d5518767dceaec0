import { type InstructionKind, refuse, type Written } from './instruction.ts'

export interface FromInstruction extends Written {
  readonly kind: 'FROM'
  /** An image, an earlier stage or `scratch`; variables are still in it. */
  readonly base: string
  /** Lower case. */
  readonly name?: string
  readonly platform?: string
}

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/

export const from: InstructionKind<FromInstruction> = {
  keyword: 'FROM',
  parse(text) {
    const platform = text.flags.text('platform') || undefined
    text.flags.finish()
    const [base, as, written, ...more] = text.rest.split(/\s+/).filter((word) => word !== '')
    if (base === undefined) return refuse(text, 'needs an image')
    const isNamed = as?.toLowerCase() === 'as' && written !== undefined
    if (more.length > 0 || (as !== undefined && !isNamed)) refuse(text, 'takes an image, or an image AS a name')
    const name = written?.toLowerCase()
    if (name !== undefined && !STAGE_NAME.test(name))
      refuse(text, `${JSON.stringify(written)} cannot name a stage`, 'begin with a letter, go on with letters, digits, - _ .')
    return { kind: 'FROM', ...text.written, base, ...(name !== undefined && { name }), ...(platform !== undefined && { platform }) }
  },
}
