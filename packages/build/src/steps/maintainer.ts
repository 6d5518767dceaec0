import type { MaintainerInstruction } from '../instructions/maintainer.ts'
import { withStep } from '../stage/stage-state.ts'
import type { Step } from '../stage/step-context.ts'

export const maintainer: Step<MaintainerInstruction> = ({ name, source }, { state }) =>
  withStep({ ...state, author: name }, { text: source, created: state.created })
