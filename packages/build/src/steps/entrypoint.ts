import type { EntrypointInstruction } from '../instructions/entrypoint.ts'
import { withStep } from '../stage/stage-state.ts'
import type { MetadataStep } from '../stage/step-context.ts'
import { commandWords, listed } from './command-words.ts'

/** Takes away the CMD that came with the base, which was written for another entrypoint; `[]` takes the base's entrypoint away. */
export const entrypoint: MetadataStep<EntrypointInstruction> = ({ command }, { state }) => {
  const words = commandWords(command, state)
  const { Cmd, Entrypoint: _, ...rest } = state.config
  const config = {
    ...rest,
    ...(state.ownCmd && Cmd !== undefined && { Cmd }),
    ...(words.length > 0 && { Entrypoint: words }),
  }
  return withStep({ ...state, config }, { text: `ENTRYPOINT ${listed(words)}`, created: state.created })
}
