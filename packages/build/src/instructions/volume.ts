import { atLeastOne, jsonOrWords } from './arguments.ts'
import { type InstructionKind, refuse, type Written } from './instruction.ts'

export interface VolumeInstruction extends Written {
  readonly kind: 'VOLUME'
  readonly paths: readonly string[]
}

export const volume: InstructionKind<VolumeInstruction> = {
  keyword: 'VOLUME',
  parse(text) {
    text.flags.finish()
    const paths = atLeastOne(text, jsonOrWords(text)).map((path) => path.trim())
    if (paths.includes('')) refuse(text, 'a path must not be empty')
    return { kind: 'VOLUME', ...text.written, paths }
  },
}
