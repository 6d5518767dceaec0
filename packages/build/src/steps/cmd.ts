import type { CmdInstruction } from '../instructions/cmd.ts'
import { withStep } from '../stage/stage-state.ts'
import type { MetadataStep } from '../stage/step-context.ts'
import { commandWords, listed } from './command-words.ts'

export const cmd: MetadataStep<CmdInstruction> = ({ command }, { state }) => {
  const Cmd = commandWords(command, state)
  return withStep({ ...state, config: { ...state.config, Cmd }, ownCmd: true }, { text: `CMD ${listed(Cmd)}`, created: state.created })
}
