import type { EntrypointInstruction } from '../instructions/entrypoint.ts'
import { withStep } from '../stage/stage-state.ts'
import type { Step } from '../stage/step-context.ts'
import { commandWords } from './command-words.ts'

/** Takes away the CMD that came with the base, which was written for another entrypoint. */
export const entrypoint: Step<EntrypointInstruction> = ({ command }, { state }) => {
  const Entrypoint = commandWords(command, state)
  const { Cmd, ...rest } = state.config
  const config = { ...rest, ...(state.ownCmd && Cmd !== undefined && { Cmd }), Entrypoint }
  return withStep({ ...state, config }, { text: `ENTRYPOINT ${JSON.stringify(Entrypoint)}`, created: state.created })
}
