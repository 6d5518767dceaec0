import type { UserInstruction } from '../instructions/user.ts'
import { withStep } from '../stage/stage-state.ts'
import { expanded, type Step } from '../stage/step-context.ts'

export const user: Step<UserInstruction> = (instruction, context) => {
  const { state } = context
  const User = expanded(instruction.user, instruction, context)
  return withStep({ ...state, config: { ...state.config, User } }, { text: `USER ${User}`, created: state.created })
}
