import { atLeastOne, jsonOrWords } from './arguments.ts'
import type { InstructionKind, Written } from './instruction.ts'

export interface VolumeInstruction extends Written {
  readonly kind: 'VOLUME'
  readonly paths: readonly string[]
}

export const volume: InstructionKind<VolumeInstruction> = {
  keyword: 'VOLUME',
  parse(text) {
    text.flags.finish()
    return { kind: 'VOLUME', ...text.written, paths: atLeastOne(text, jsonOrWords(text)) }
  },
}
