import type { UserInstruction } from '../instructions/user.ts'
import { withStep } from '../stage/stage-state.ts'
import { expanded, type MetadataStep } from '../stage/step-context.ts'

export const user: MetadataStep<UserInstruction> = (instruction, context) => {
  const { state } = context
  const User = expanded(instruction.user, instruction, context)
  return withStep({ ...state, config: { ...state.config, User } }, { text: `USER ${User}`, created: state.created })
}
