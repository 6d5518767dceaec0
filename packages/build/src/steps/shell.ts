import type { ShellInstruction } from '../instructions/shell.ts'
import { withStep } from '../stage/stage-state.ts'
import type { Step } from '../stage/step-context.ts'

export const shell: Step<ShellInstruction> = ({ words }, { state }) => {
  const config = { ...state.config, Shell: words }
  return withStep({ ...state, config, shell: words }, { text: `SHELL [${words.join(' ')}]`, created: state.created })
}
